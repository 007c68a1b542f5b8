import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResourceLimit } from "../../src/jail/jailed_process.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { run, start } from "./jail_run.ts";
import { procStatus } from "./proc_status.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

describe("the user of a jailed process", () => {
  const users = [
    { uid: 0, gid: 0, additionalGids: [] },
    { uid: 0, gid: 0, additionalGids: [0, 4] },
    { uid: 1000, gid: 1000, additionalGids: [] },
    { uid: 1000, gid: 100, additionalGids: [4, 29, 2000] },
    { uid: 1000, gid: 0, additionalGids: [] },
    { uid: 0, gid: 1000, additionalGids: [1000] },
    { uid: 4_294_967_294, gid: 4_294_967_294, additionalGids: [4_294_967_293] },
    { uid: 5, gid: 6, additionalGids: Array.from({ length: 64 }, (_, index) => 3000 + index) },
  ];
  it.each(users)("is exactly $uid:$gid with groups $additionalGids", async (user) => {
    const process = await start(jail, ["sleep", "60"], user);
    const status = procStatus(process.pid);
    expect(status.get("Uid")).toBe(Array(4).fill(user.uid).join("\t"));
    expect(status.get("Gid")).toBe(Array(4).fill(user.gid).join("\t"));
    expect(status.get("Groups")).toBe(user.additionalGids.join(" "));
    process.signal(9);
    await process.exited;
  });

  it("cannot be one that the kernel takes for no change", async () => {
    for (const user of [
      { uid: 0xffffffff },
      { gid: 0xffffffff },
      { additionalGids: [0xffffffff] },
      { uid: -1 },
    ]) {
      await expect(start(jail, ["true"], user)).rejects.toThrow("launch request: malformed");
    }
  });

  it("that is not root cannot look where only root may", async () => {
    const user = { uid: 1000, gid: 1000 };
    expect(await run(jail, "umask 077; mkdir /private && echo x > /private/x")).toMatchObject({ status: 0 });
    expect((await run(jail, "cat /private/x", user)).status).toBe(1);
    await expect(start(jail, ["/private/x"], user)).rejects.toThrow(
      'exec: "/private/x": stat /private/x: permission denied',
    );
  });
});

describe("the file mode mask", () => {
  it.each([
    [undefined, "0022"],
    [0, "0000"],
    [0o27, "0027"],
    [0o777, "0777"],
  ])("%s is applied", async (umask, shown) => {
    expect((await run(jail, "umask", umask === undefined ? {} : { umask })).stdout).toBe(`${shown}\n`);
  });
});

describe("resource limits", () => {
  async function shownLimits(limits: readonly ResourceLimit[], softFileLimit?: number): Promise<string> {
    const process = await start(jail, ["sleep", "60"], {
      limits,
      ...(softFileLimit !== undefined && { softFileLimit }),
    });
    const text = readFileSync(`/proc/${process.pid}/limits`, "utf8").replaceAll(/ +/g, " ");
    process.signal(9);
    await process.exited;
    return text;
  }

  it("are applied, soft and hard", async () => {
    const shown = await shownLimits([
      { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
      { type: "RLIMIT_CORE", soft: 0, hard: 2 ** 64 },
      { type: "RLIMIT_NPROC", soft: 5000, hard: 6000 },
      { type: "RLIMIT_MSGQUEUE", soft: 3, hard: 4 },
      { type: "RLIMIT_STACK", soft: 4_194_304, hard: -1 },
    ]);
    expect(shown).toContain("Max open files 100 200 files");
    expect(shown).toContain("Max core file size 0 unlimited bytes");
    expect(shown).toContain("Max processes 5000 6000 processes");
    expect(shown).toContain("Max msgqueue size 3 4 bytes");
    expect(shown).toContain("Max stack size 4194304 unlimited bytes");
  });

  it("of open files come back to what a process expects, unless the specification says otherwise", async () => {
    expect(await shownLimits([], 1024)).toMatch(/Max open files 1024 /);
    const named = [{ type: "RLIMIT_NOFILE", soft: 77, hard: 88 }];
    expect(await shownLimits(named, 1024)).toMatch(/Max open files 77 88 /);
  });

  it("that are wrong are refused with the limit's name", async () => {
    const refused = async (limit: ResourceLimit, text: string) =>
      expect(start(jail, ["true"], { limits: [limit] })).rejects.toThrow(text);
    await refused(
      { type: "RLIMIT_BEER", soft: 1, hard: 1 },
      "rlimit RLIMIT_BEER: not supported on this system",
    );
    await refused({ type: "RLIMIT_CORE", soft: 2, hard: 1 }, "rlimit RLIMIT_CORE: invalid argument");
    await refused(
      { type: "RLIMIT_NOFILE", soft: 1, hard: 2 ** 50 },
      "rlimit RLIMIT_NOFILE: operation not permitted",
    );
    await refused({ type: "RLIMIT_CORE", soft: 1.5, hard: 2 }, "malformed or repeated limit");
  });
});
