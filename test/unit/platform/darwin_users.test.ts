import { describe, expect, it } from "vitest";
import { darwinUsers } from "../../../src/platform/darwin_users.ts";
import type { ProgramResult } from "../../../src/platform/run_program.ts";

const user = { name: "rund-70000", uid: 70_000, home: "/private/var/run/rund-homes/70000/home" };

/** Stands in for macOS's programs: writes down how it is called, and knows the users that it is told of. */
class Directory {
  readonly calls: string[] = [];
  readonly #users: readonly string[];
  readonly #answers: Readonly<Record<string, Partial<ProgramResult>>>;

  constructor(users: readonly string[], answers: Readonly<Record<string, Partial<ProgramResult>>> = {}) {
    this.#users = users;
    this.#answers = answers;
  }

  readonly run = async (program: string, args: readonly string[], uid?: number): Promise<ProgramResult> => {
    this.calls.push([program, ...args, ...(uid === undefined ? [] : [`as ${uid}`])].join(" "));
    const command = args[program.endsWith("/dscl") ? 1 : 0] ?? "";
    const stdout = command === "-list" ? `${["_mbsetupuser", "root", ...this.#users].join("\n")}\n` : "";
    return { status: 0, stdout, stderr: "", ...this.#answers[command] };
  };
}

describe("users of macOS", () => {
  it("are made as OBuilder makes them, hidden, when neither number nor name is taken", async () => {
    const directory = new Directory([]);
    await darwinUsers(directory.run).create(user);
    expect(directory.calls).toEqual([
      "/usr/bin/dscl . -search /Users UniqueID 70000",
      "/usr/bin/dscl . -list /Users",
      "/usr/bin/dscl . -create /Users/rund-70000 UniqueID 70000",
      "/usr/bin/dscl . -create /Users/rund-70000 PrimaryGroupID 70000",
      "/usr/bin/dscl . -create /Users/rund-70000 UserShell /bin/bash",
      "/usr/bin/dscl . -create /Users/rund-70000 NFSHomeDirectory /private/var/run/rund-homes/70000/home",
      "/usr/bin/dscl . -create /Users/rund-70000 IsHidden 1",
    ]);
  });

  it.each([
    ["number", [], { "-search": { stdout: "somebody\t\tUniqueID = (\n    70000\n)\n" } }],
    ["name", ["rund-70000"], {}],
  ])("are not made when the %s is taken", async (_what, users, answers) => {
    const directory = new Directory(users, answers);
    await expect(darwinUsers(directory.run).create(user)).rejects.toMatchObject({ code: 6 });
    expect(directory.calls.filter((call) => call.includes("-create"))).toEqual([]);
  });

  it("are listed by their prefix", async () => {
    const users = darwinUsers(new Directory(["rund-70001", "rundle", "rund-70000"]).run);
    expect(await users.list("rund-")).toEqual(["rund-70001", "rund-70000"]);
  });

  it("have folders of their own besides everybody's, which the system tells them", async () => {
    const directory = new Directory([], { DARWIN_USER_TEMP_DIR: { stdout: "/var/folders/zz/x/T/\n" } });
    expect(await darwinUsers(directory.run).folders(70_000)).toEqual([
      "/private/tmp",
      "/private/var/tmp",
      "/var/folders/zz/x/T/",
    ]);
    expect(directory.calls).toEqual([
      "/usr/bin/getconf DARWIN_USER_TEMP_DIR as 70000",
      "/usr/bin/getconf DARWIN_USER_CACHE_DIR as 70000",
    ]);
  });

  it("are removed with their jobs, when they are there", async () => {
    const directory = new Directory(["rund-70000"], { "-u": { status: 1, stderr: "no crontab" } });
    await darwinUsers(directory.run).remove("rund-70000");
    expect(directory.calls.slice(1)).toEqual([
      "/usr/bin/crontab -u rund-70000 -r",
      "/usr/bin/dscl . -delete /Users/rund-70000",
    ]);
    await darwinUsers(directory.run).remove("rund-7");
    expect(directory.calls).toHaveLength(4);
  });

  it("fail with what dscl said last", async () => {
    const stderr =
      "<main> attribute status: eDSPermissionError\n<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n";
    const directory = new Directory([], { "-create": { status: 40, stderr } });
    await expect(darwinUsers(directory.run).create(user)).rejects.toThrow(
      "dscl -create /Users/rund-70000: <dscl_cmd> DS Error: -14120 (eDSPermissionError)",
    );
  });
});
