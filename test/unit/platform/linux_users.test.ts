import { describe, expect, it } from "vitest";
import { linuxUsers } from "../../../src/platform/linux_users.ts";
import type { ProgramResult } from "../../../src/platform/run_program.ts";

const user = { name: "rund-70000", uid: 70_000, home: "/run/rund-homes/70000/home" };

function recorded(result: Partial<ProgramResult> = {}) {
  const calls: string[][] = [];
  const run = async (program: string, args: readonly string[]): Promise<ProgramResult> => {
    calls.push([program, ...args]);
    return { status: 0, stdout: "", stderr: "", ...result };
  };
  return { calls, run };
}

describe("users of Linux", () => {
  it("are made with a group of the same number, no home and nothing else", async () => {
    const { calls, run } = recorded();
    const users = await linuxUsers(run);
    await users.create(user);
    const ranges = ["UID_MIN", "UID_MAX", "GID_MIN", "GID_MAX"].flatMap((name) => ["--key", `${name}=70000`]);
    expect(calls).toEqual([
      [
        "useradd",
        ...ranges,
        ...["--key", "SUB_UID_COUNT=0", "--key", "SUB_GID_COUNT=0", "--uid", "70000", "--user-group"],
        ...["--no-create-home", "--home-dir", user.home, "--no-log-init", "--shell", users.shell],
        ...["--comment", "jail of rund", "rund-70000"],
      ],
    ]);
  });

  it.each([
    [4, 6],
    [9, 6],
    [1, 13],
  ])("that useradd refuses with %i fail with code %i", async (status, code) => {
    const { run } = recorded({ status, stderr: "warning\nuseradd: cannot lock /etc/passwd\n" });
    const making = (await linuxUsers(run)).create(user);
    await expect(making).rejects.toMatchObject({
      code,
      message: "useradd rund-70000: useradd: cannot lock /etc/passwd",
    });
  });

  it("are removed, also when they are gone already", async () => {
    const { calls, run } = recorded({ status: 6 });
    await (await linuxUsers(run)).remove("rund-70000");
    expect(calls).toEqual([["userdel", "rund-70000"]]);
    const busy = await linuxUsers(recorded({ status: 8, stderr: "userdel: user is logged in" }).run);
    await expect(busy.remove("rund-70000")).rejects.toThrow("userdel rund-70000: userdel: user is logged in");
  });
});
