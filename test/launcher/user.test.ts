import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import { findJailUser } from "../../src/jail/jail_user.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { launcher } from "./launcher_under_test.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

const path = (name: string) => join(jail.root, "etc", name);
const find = (name: string) => findJailUser(jail.root, name, launcher);

beforeEach(() => {
  for (const name of ["passwd", "group"]) rmSync(path(name), { recursive: true, force: true });
  writeFileSync(
    path("passwd"),
    "# users\n\nroot:x:0:0::/root:/bin/sh\nann:x:1000:100::/home/ann:/bin/sh\n7:x:8:9::/:\n",
  );
  writeFileSync(
    path("group"),
    "root:x:0:\nusers:x:100:\nwheel:x:10:bob,ann\naudio:x:29:ann\nannex:x:30:anna,joann\n",
  );
});

describe("a user of a jail", () => {
  it.each([
    ["ann", { uid: 1000, gid: 100, groups: [10, 29] }],
    ["1000", { uid: 1000, gid: 100, groups: [10, 29] }],
    ["ann:audio", { uid: 1000, gid: 29, groups: [] }],
    ["ann:77", { uid: 1000, gid: 77, groups: [] }],
    ["4242", { uid: 4242, gid: 0, groups: [] }],
    ["4242:wheel", { uid: 4242, gid: 10, groups: [] }],
    ["root", { uid: 0, gid: 0, groups: [] }],
    ["7", { uid: 8, gid: 9, groups: [] }],
  ])("is found as %s", async (name, expected) => {
    expect(await find(name)).toEqual(expected);
  });

  it.each([
    ["nobody", "user nobody: no such user in /etc/passwd"],
    ["", "user : no such user in /etc/passwd"],
    ["ann:nobody", "group nobody: no such group in /etc/group"],
    ["ann:", "group : no such group in /etc/group"],
    ["-1", "user -1: no such user in /etc/passwd"],
    ["4294967295", "user 4294967295: no such user in /etc/passwd"],
    ["# users", "user # users: no such user in /etc/passwd"],
  ])("is not found as %j", async (name, reason) => {
    await expect(find(name)).rejects.toMatchObject({ code: Code.notFound, message: reason });
  });

  it("is not looked for in what is no file, and no reader waits for a fifo", async () => {
    for (const make of [
      () => {},
      () => execFileSync("mkfifo", [path("passwd")]),
      () => mkdirSync(path("passwd")),
      () => symlinkSync("passwd", path("passwd")),
    ]) {
      rmSync(path("passwd"), { recursive: true, force: true });
      make();
      await expect(find("ann")).rejects.toMatchObject({ code: Code.notFound });
      expect(await find("5")).toEqual({ uid: 5, gid: 0, groups: [] });
    }
  });

  it("is looked for inside of the jail, wherever a link leads", async () => {
    rmSync(path("passwd"));
    symlinkSync("../../../../../../../etc/other", path("passwd"));
    writeFileSync(path("other"), "inside:x:3:4::/:\n");
    expect(await find("inside")).toEqual({ uid: 3, gid: 4, groups: [] });
    await expect(find("root")).rejects.toMatchObject({ code: Code.notFound });
  });

  it("is found behind lines that are damaged, and long ones", async () => {
    const lines = ["ann", "ann:x", "ann:x:y:z", "ann:x:-1:0", `${"x".repeat(100_000)}:x:1:1`, "ann:x:5:6"];
    writeFileSync(path("passwd"), lines.join("\n"));
    writeFileSync(path("group"), `many:x:50:${"someone,".repeat(20_000)}ann`);
    expect(await find("ann")).toEqual({ uid: 5, gid: 6, groups: [50] });
  });

  it("is not looked for on the host", async () => {
    await expect(findJailUser("/", "root", launcher)).rejects.toThrow("root /: is the root of the host");
    await expect(findJailUser(jail.hostPath("none"), "root", launcher)).rejects.toThrow(
      "no such file or directory",
    );
  });
});
