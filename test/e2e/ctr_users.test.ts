import { stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { User } from "../../src/oci/spec.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { type JailSpecOptions, jailSpec, path } from "./support/jail_spec.ts";

const { api, ctr, rootfs } = shared();

/** What a shell script prints in a jail of the given shape. */
async function output(script: string, options: Partial<JailSpecOptions> = {}): Promise<string> {
  const spec = jailSpec({ rootfs, args: ["sh", "-c", script], ...options });
  const container = await ApiContainer.create(api, spec);
  const { exitCode, stdout, stderr } = await container.finish();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout;
}

/** The group line of the kernel: what the process really has, whatever /etc/group says. */
const groups = "sed -n 's/^Groups:[[:space:]]*//p' /proc/self/status | tr -s ' '";
const ids = "sed -n 's/^[UG]id:[[:space:]]*//p' /proc/self/status";

describe("users", () => {
  it("have the spec's uid and gid, real, effective, saved and for files", async () => {
    const user = { uid: 1234, gid: 5678 };
    expect(await output(ids, { user })).toBe("1234\t1234\t1234\t1234\n5678\t5678\t5678\t5678\n");
  });

  it.each<readonly [string, User, string]>([
    ["none", { uid: 1000, gid: 1000 }, ""],
    ["none for root", { uid: 0, gid: 0 }, ""],
    ["the spec's", { uid: 1000, gid: 1000, additionalGids: [29, 4000, 77] }, "29 77 4000"],
    ["the spec's for root", { uid: 0, gid: 0, additionalGids: [10] }, "10"],
  ])("have exactly the supplementary groups of the spec: %s", async (_title, user, expected) => {
    expect((await output(groups, { user })).trim()).toBe(expected);
  });

  it("of an exec are its own, not the container's", async () => {
    const spec = jailSpec({
      rootfs,
      args: ["sleep", "1000"],
      user: { uid: 1000, gid: 1000, additionalGids: [29] },
    });
    const container = await ApiContainer.run(api, spec, { nullIo: true });
    const user = { uid: 7, gid: 8, additionalGids: [9, 10] };
    const exec = await container.exec(["sh", "-c", `id -u; id -g; ${groups}`], { process: { user } });
    expect((await exec.finish()).stdout.trim()).toBe("7\n8\n9 10");
  });

  it.each([
    ["alice", "1000\n1000\n1000 4 29 2000"],
    ["1000", "1000\n1000\n1000 4 29 2000"],
    ["1000:100", "1000\n100\n100"],
    ["bob:users", "1001\n100\n100"],
    ["4321:8765", "4321\n8765\n8765"],
  ])("that ctr looked up by --user %s", async (user, expected) => {
    const result = await ctr.runContainer(["sh", "-c", "id -u; id -g; id -G"], { flags: ["--user", user] });
    expect(result.exitCode).toBe(0);
    const [uid, gid, ...all] = result.stdout.split(/\s+/).filter(Boolean);
    const [wantedUid, wantedGid, ...wantedAll] = expected.split(/\s+/);
    expect([uid, gid]).toEqual([wantedUid, wantedGid]);
    expect(wantedAll).toEqual(expect.arrayContaining(all.filter((id) => !["4", "29", "2000"].includes(id))));
  });

  it("own the files that they make", async () => {
    const root = await copyRootfs();
    await output("touch /tmp/mine", { rootfs: root, user: { uid: 1000, gid: 29 } });
    expect(await stat(`${root}/tmp/mine`)).toMatchObject({ uid: 1000, gid: 29 });
  });
});

describe("environment", () => {
  it("is the spec's and nothing of the host's or rund's", async () => {
    const lines = (await output("exec env", { env: ["A=1", "B=two words"] })).trim().split("\n");
    // A shell sets these by itself, and runc adds HOME.
    const own = lines.filter((line) => !/^(HOME|PWD|OLDPWD|SHLVL|_)=/.test(line));
    expect(own.sort()).toEqual(["A=1", "B=two words", path].sort());
  });

  it.each([
    ["root", { uid: 0, gid: 0 }, "/root"],
    ["a user of the image", { uid: 1000, gid: 1000 }, "/home/alice"],
    ["nobody that the image knows", { uid: 4242, gid: 4242 }, "/"],
  ])("has the home of the user when the spec has none: %s", async (_title, user, home) => {
    expect(await output("echo $HOME", { user })).toBe(`${home}\n`);
  });

  it("keeps the spec's own HOME", async () => {
    expect(await output("echo $HOME", { env: ["HOME=/elsewhere"] })).toBe("/elsewhere\n");
  });
});

describe("working directory", () => {
  it("is the spec's", async () => {
    expect(await output("pwd", { cwd: "/usr/bin" })).toBe("/usr/bin\n");
  });

  it("is made when it is missing", async () => {
    const root = await copyRootfs();
    expect(await output("pwd", { rootfs: root, cwd: "/brand/new/folder" })).toBe("/brand/new/folder\n");
    expect(await stat(`${root}/brand/new`)).toMatchObject({ uid: 0, gid: 0 });
  });

  it("by ctr's --cwd is made when it is missing, for a user other than root", async () => {
    const flags = ["--cwd", "/made/here", "--user", "1000:1000"];
    const result = await ctr.runContainer(["pwd"], { flags });
    expect(result).toMatchObject({ exitCode: 0, stdout: "/made/here\n" });
  });

  it("that is a file is refused with a clear text", async () => {
    const spec = jailSpec({ rootfs, args: ["pwd"], cwd: "/etc/passwd" });
    const container = await ApiContainer.record(api, spec, { nullIo: true });
    await expect(container.createTask()).rejects.toThrow(/not a directory/);
  });
});

describe("limits", () => {
  it("are those of the spec", async () => {
    const rlimits = [
      { type: "RLIMIT_NOFILE", soft: 123, hard: 456 },
      { type: "RLIMIT_CORE", soft: 0, hard: 0 },
      { type: "RLIMIT_FSIZE", soft: 1 << 20, hard: 1 << 21 },
    ];
    const script = "ulimit -Sn; ulimit -Hn; ulimit -c; sed -n 's/^Max file size *//p' /proc/self/limits";
    const lines = (await output(script, { rlimits })).trim().split(/\s+/);
    expect(lines).toEqual(["123", "456", "0", "1048576", "2097152", "bytes"]);
  });

  it("hold for execs, which bring their own", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const rlimits = [{ type: "RLIMIT_NOFILE", soft: 77, hard: 88 }];
    const exec = await container.exec(["sh", "-c", "ulimit -Sn; ulimit -Hn"], { process: { rlimits } });
    expect((await exec.finish()).stdout).toBe("77\n88\n");
  });

  it("of ctr's default spec reach the process", async () => {
    expect(await ctr.runContainer(["sh", "-c", "ulimit -n"])).toMatchObject({ stdout: "1024\n" });
  });
});

describe("umask", () => {
  it("is 022 without another word", async () => {
    expect(await output("umask")).toBe("0022\n");
  });

  it("is the spec's", async () => {
    expect(await output("umask", { user: { uid: 0, gid: 0, umask: 0o077 } })).toBe("0077\n");
  });
});

describe("what a process inherits", () => {
  it("is nothing but its stdio", async () => {
    expect(await output("ls /proc/$$/fd | tr '\\n' ' '")).toMatch(/^0 1 2 (3 |10 )?$/);
  });

  it("is no blocked, ignored or pending signal", async () => {
    const script =
      "exec sed -n 's/^\\(SigBlk\\|SigIgn\\|SigPnd\\|ShdPnd\\):[[:space:]]*//p' /proc/self/status";
    expect(await output(script)).toMatch(/^(0{16}\n){4}$/);
  });

  it("is a session of its own", async () => {
    // Fields 5 and 6 of stat are process group and session.
    const script = "exec awk '{ print ($1 == $5) ($1 == $6) }' /proc/self/stat";
    expect(await output(script)).toBe("11\n");
  });
});
