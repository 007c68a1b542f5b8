import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import {
  freezeJail,
  killJail,
  killJailUntilGone,
  listJailProcesses,
  thawJail,
} from "../../src/jail/process_table.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { launch, type Overrides, run, start } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";
import { MountSandbox } from "./mount_sandbox.ts";

/** Nobody's, and in no range that the product uses. */
const uid = 71_234;
const profile = ".profile-of-test";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
  chmodSync(dirname(jail.root), 0o711);
  chownSync(jail.root, uid, uid);
});
beforeEach(() => rmSync(join(jail.root, profile), { force: true }));
afterAll(async () => {
  await killJailUntilGone({ uid }, 5_000, launcher);
  await jail.remove();
});

/** A process whose home is the jail's folder. */
const atHome = (overrides: Overrides = {}): Overrides => ({
  home: { profile },
  uid,
  gid: uid,
  cwd: jail.root,
  ...overrides,
});

const script = (name: string, text: string) => {
  mkdirSync(dirname(join(jail.root, name)), { recursive: true });
  writeFileSync(join(jail.root, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
};

describe("a process with a home in place of a root", () => {
  it("sees the host's root, as its user", async () => {
    const { stdout } = await run(jail, "pwd; id -u; ls -di / | cut -d' ' -f1", atHome());
    expect(stdout).toBe(`${jail.root}\n${uid}\n${statSync("/").ino}\n`);
  });

  it("makes its working directory as its user", async () => {
    const cwd = `${jail.root}/made/here`;
    expect((await run(jail, ["pwd"], atHome({ cwd }))).stdout).toBe(`${cwd}\n`);
    expect(statSync(cwd)).toMatchObject({ uid, gid: uid });
    await expect(launch(jail, ["pwd"], atHome({ cwd: `${cwd}/no`, requireCwd: true }))).rejects.toMatchObject(
      {
        code: Code.notFound,
      },
    );
  });

  it("gets nowhere by a link that its user could not go", async () => {
    const secret = jail.hostPath("secret");
    mkdirSync(secret, { mode: 0o700 });
    symlinkSync(secret, join(jail.root, "link"));
    for (const cwd of [`${jail.root}/link`, `${jail.root}/link/new`]) {
      await expect(launch(jail, ["pwd"], atHome({ cwd }))).rejects.toMatchObject({
        code: Code.permissionDenied,
      });
    }
    expect(execFileSync("ls", [secret], { encoding: "utf8" })).toBe("");
  });

  it("finds programs of the host first, then the same paths in its home", async () => {
    script("usr/bin/env", "echo from the home");
    script("usr/bin/only-here", 'echo "only $0"');
    expect((await run(jail, ["env"], atHome())).stdout).toContain("PATH=");
    const found = `only ${jail.root}/usr/bin/only-here\n`;
    expect((await run(jail, ["only-here"], atHome())).stdout).toBe(found);
    expect((await run(jail, ["/usr/bin/only-here"], atHome())).stdout).toBe(found);
    await expect(launch(jail, ["no-such"], atHome())).rejects.toThrow(
      'exec: "no-such": executable file not found in $PATH',
    );
    await expect(launch(jail, ["/no/such"], atHome())).rejects.toThrow(
      'exec: "/no/such": stat /no/such: no such',
    );
  });

  it("has its profile read, which may say where programs are", async () => {
    script("tools/by-profile", 'echo "$WORD: $1 $2"');
    writeFileSync(
      join(jail.root, profile),
      `WORD='of the profile'\nexport WORD PATH="${jail.root}/tools:$PATH"\n`,
    );
    const env = ["PATH=/usr/bin:/bin", "WORD=of the request"];
    const result = await run(jail, ["by-profile", "a b", "$c"], atHome({ env }));
    expect(result).toEqual({ status: 0, stdout: "of the profile: a b $c\n", stderr: "" });
    expect((await run(jail, ["no-such"], atHome())).status).toBe(127);
    await expect(launch(jail, ["/no/such"], atHome())).rejects.toThrow("stat /no/such: no such");
  });

  it("does not run when its profile fails", async () => {
    writeFileSync(join(jail.root, profile), "false\n");
    expect(await run(jail, "echo ran", atHome())).toMatchObject({ status: 1, stdout: "" });
  });

  it("cannot have a root too, nor a root a profile", async () => {
    const both = { ...atHome(), cwd: "/", program: "true\0root /tmp" };
    await expect(launch(jail, ["true"], both)).rejects.toThrow("must not contain a NUL");
    const host = { root: "/" } as unknown as Overrides;
    await expect(launch(jail, ["true"], { ...atHome(), ...host })).rejects.toThrow("is the root of the host");
  });
});

describe("the processes of a user", () => {
  const set = { uid };
  const count = async () => (await listJailProcesses(set, launcher)).length;

  it("are listed, signalled, stopped and killed wherever they are", async () => {
    const strays = "setsid sh -c 'cd /; sleep 111 & sleep 112 & wait' & (setsid sleep 113 &); exec sleep 114";
    const process = await start(jail, ["sh", "-c", strays], atHome());
    await eventually(async () => (await count()) === 5);
    const before = await listJailProcesses(set, launcher);
    expect(before.every((found) => found.uid === uid)).toBe(true);
    expect(await killJail(set, { signal: 0, except: process.pid }, launcher)).toBe(4);
    expect(await freezeJail(set, 5_000, launcher)).toEqual([]);
    expect((await listJailProcesses(set, launcher)).map(({ state }) => state)).toEqual(Array(5).fill("T"));
    await thawJail(set, [], launcher);
    await eventually(async () =>
      (await listJailProcesses(set, launcher)).every(({ state }) => state === "S"),
    );
    expect(await killJailUntilGone(set, 5_000, launcher)).toBe(true);
    expect((await process.exited).status).toBe(137);
    expect(await count()).toBe(0);
  });

  it("are those of its real id too", async () => {
    // As of a set-uid program: started by the user, with somebody else's rights.
    const other = "import os,time; os.setresuid(71234, 71235, 71236); print(1, flush=True); time.sleep(1000)";
    const child = spawn("python3", ["-c", other]);
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    for (const found of [71_234, 71_235, 71_236])
      expect(await listJailProcesses({ uid: found }, launcher)).toHaveLength(1);
    expect(await killJailUntilGone(set, 5_000, launcher)).toBe(true);
    await ended;
  });

  it("are never root's", async () => {
    await expect(listJailProcesses({ uid: 0 }, launcher)).rejects.toThrow("uid 0: is no user of a jail");
    await expect(killJailUntilGone({ uid: 0 }, 0, launcher)).rejects.toThrow("uid 0: is no user of a jail");
  });

  it.each([
    [["ps"]],
    [["ps", "--root", "/tmp", "--uid", "1"]],
    [["kill", "--root", "/tmp", "--uid", "1", "--signal", "0"]],
    [["freeze", "--timeout", "1"]],
    [["thaw", "--root", "/tmp", "--uid", "1"]],
    [["lock"]],
  ])("are named in one way: %j", (args) => {
    expect(() => execFileSync(launcher, args, { stdio: "pipe" })).toThrow(
      expect.objectContaining({ status: 64 }),
    );
  });
});

describe("a lock that is waited for", () => {
  it("is held until the input ends, or the holder is killed", async () => {
    const hold = () => spawn(launcher, ["lock", "--wait", jail.root], { stdio: ["pipe", "pipe", "inherit"] });
    const first = hold();
    await once(first.stdout, "data");
    const [second, third] = [hold(), hold()];
    let taken = 0;
    for (const waiting of [second, third]) waiting.stdout.once("data", () => taken++);
    first.kill("SIGKILL");
    await eventually(() => taken === 1);
    const [holder, waiter] = second.stdout.readableDidRead && taken === 1 ? [second, third] : [third, second];
    holder.stdin.end();
    waiter.stdin.end();
    await Promise.all([once(second, "exit"), once(third, "exit")]);
    expect(taken).toBe(2);
  });
});

describe("a home's folder for temporary files", () => {
  let sandbox: MountSandbox;
  beforeEach(async () => {
    sandbox = await MountSandbox.create();
  });
  afterEach(() => sandbox.remove());

  const home = () => ({
    path: join(sandbox.path, "home"),
    temporary: "/tmp",
    uid,
    gid: uid,
    imageUid: 1000,
    imageGid: 1001,
    isReachable: () => false,
  });

  it("is the user's, the image's user's in the image, and gone when nothing is left in it", async () => {
    const before = sandbox.tree();
    const record = await sandbox.apply({ home: home() });
    expect(statSync(join(record.root, "tmp"))).toMatchObject({ uid, gid: uid, mode: 0o40700 });
    expect(statSync(join(sandbox.image, "tmp"))).toMatchObject({ uid: 1000, gid: 1001 });
    await sandbox.undo(record);
    expect(sandbox.tree()).toBe(before);
    expect(sandbox.mounted()).toEqual([]);
  });

  it("stays with what is in it, and is the image's own when that has one", async () => {
    mkdirSync(join(sandbox.image, "tmp"));
    chmodSync(join(sandbox.image, "tmp"), 0o1777);
    const record = await sandbox.apply({ home: home() });
    expect(statSync(join(record.root, "tmp"))).toMatchObject({ uid: 0, mode: 0o41777 });
    await sandbox.undo(record);
    rmSync(join(sandbox.image, "tmp"), { recursive: true });
    const again = await sandbox.apply({ home: home() });
    writeFileSync(join(again.root, "tmp/kept"), "");
    await sandbox.undo(again);
    expect(statSync(join(sandbox.image, "tmp/kept")).uid).toBe(0);
  });
});
