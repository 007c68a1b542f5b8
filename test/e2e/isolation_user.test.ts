import { existsSync, readFileSync, rmSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { readUserPool } from "../../src/container/user/user_pool.ts";
import type { Spec } from "../../src/oci/spec.ts";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { folderListing } from "./support/folder_listing.ts";
import { isAlive, processesWith, shimPid, shimPids } from "./support/host_processes.ts";
import { type JailSpecOptions, jailSpec } from "./support/jail_spec.ts";

const { api, census, ctr, daemons, docker } = shared();
expectNothingLeft(census);

const annotation = "dev.rund.isolation";

function userSpec(options: JailSpecOptions): Spec {
  return { ...jailSpec(options), annotations: { [annotation]: "user" } };
}

const pool = readUserPool(process.env);

/** The users that the host has. */
function userIds(): Set<number> {
  const lines = readFileSync("/etc/passwd", "utf8").trim().split("\n");
  return new Set(lines.map((line) => Number(line.split(":")[2])));
}

/** Runs a script in a container of its own, on a tree of its own, until all of it is taken back. */
async function run(script: string, options: Partial<JailSpecOptions> = {}) {
  const rootfs = options.rootfs ?? (await copyRootfs());
  const spec = userSpec({ rootfs, args: ["sh", "-c", script], ...options });
  const container = await ApiContainer.create(api, spec);
  const end = await container.finish();
  await container.delete();
  return end;
}

/** A container that runs until it is told otherwise, and its user. */
async function sleeper(script = "", options: Partial<JailSpecOptions> = {}) {
  const rootfs = options.rootfs ?? (await copyRootfs());
  const args = ["sh", "-c", `id -u; ${script} echo ready; exec sleep 1000`];
  const container = await ApiContainer.run(api, userSpec({ rootfs, args, ...options }));
  const [, uid] = await (container.stdio?.stdout.waitFor(/(\d+)\n(?:.*\n)*ready/) ?? []);
  return { container, uid: Number(uid), rootfs };
}

const processesOf = (uid: number) =>
  processesWith("").filter(({ pid }) => {
    try {
      return new RegExp(`^Uid:\\s+${uid}\\s`, "m").test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false;
    }
  });

describe("a container that is a user", () => {
  it("has a user of its own, a home that is the image, and nothing of root's", async () => {
    const script = 'id -u; id -un; id -G; pwd; echo "$HOME $TMPDIR $USER"; ls -d bin etc/passwd "$TMPDIR"';
    const { exitCode, stdout, stderr } = await run(script);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [uid, name, groups, folder, variables, ...files] = stdout.trim().split("\n");
    const home = `/run/rund-homes/${uid}/home`;
    expect(Number(uid)).toBeGreaterThanOrEqual(70_000);
    expect([name, groups, folder]).toEqual([`rund-${uid}`, uid, home]);
    expect(variables).toBe(`${home} ${home}/tmp rund-${uid}`);
    expect(files.sort()).toEqual([`${home}/tmp`, "bin", "etc/passwd"]);
  });

  it("has no capability, no way to one, and no file of root's", async () => {
    const script = "grep -E '^(Cap|NoNew|Groups)' /proc/self/status | tr -s '\\t ' ' '; cat /etc/shadow";
    const { exitCode, stdout, stderr } = await run(script);
    const none = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((set) => `${set}: ${"0".repeat(16)}`);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.trim()),
    ).toEqual(["Groups:", ...none, "NoNewPrivs: 1"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining("Permission denied"),
    });
  });

  it("writes as the image's user, and leaves no other trace in the image", async () => {
    const rootfs = await copyRootfs();
    const before = await folderListing(rootfs);
    const script = "echo text >made; mkdir folder; chmod 700 folder; rm etc/group; echo $HOME";
    const { exitCode, stdout } = await run(script, { rootfs });
    expect(exitCode).toBe(0);
    const made = ["folder d 700 0:0 ", "made f 644 0:0 "];
    const kept = before.filter((line) => !line.startsWith("etc/group "));
    expect(await folderListing(rootfs)).toEqual([...kept, ...made].sort());
    expect(existsSync(stdout.trim())).toBe(false);
  });

  it("is the user that the image's files belong to when it is asked for", async () => {
    const rootfs = await copyRootfs();
    await mkdir(`${rootfs}/mine`);
    await chown(`${rootfs}/mine`, 1000, 1001);
    const script = "stat -c %u:%g mine | sed s/$(id -u):$(id -g)/own/; touch mine/file; touch not-mine";
    const { exitCode, stdout } = await run(script, { rootfs, user: { uid: 1000, gid: 1001 } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "own\n" });
    expect(await stat(`${rootfs}/mine/file`)).toMatchObject({ uid: 1000, gid: 1001 });
  });

  it("reads the profile before the program", async () => {
    const rootfs = await copyRootfs();
    await writeFile(`${rootfs}/.obuilder_profile.sh`, 'export FROM_PROFILE=yes PATH="$HOME/tools:$PATH"\n');
    await mkdir(`${rootfs}/tools`);
    await writeFile(`${rootfs}/tools/only-by-profile`, '#!/bin/sh\necho "$FROM_PROFILE $1"\n');
    await chmod(`${rootfs}/tools/only-by-profile`, 0o755);
    const spec = userSpec({ rootfs, args: ["only-by-profile", "two words"] });
    const container = await ApiContainer.create(api, spec);
    expect(await container.finish()).toEqual({ exitCode: 0, stdout: "yes two words\n", stderr: "" });
  });

  it("runs the host's programs, then those of the image", async () => {
    const rootfs = await copyRootfs();
    await writeFile(`${rootfs}/usr/bin/only-in-image`, "#!/bin/sh\necho from $0\n");
    await chmod(`${rootfs}/usr/bin/only-in-image`, 0o755);
    for (const name of ["only-in-image", "/usr/bin/only-in-image"]) {
      const container = await ApiContainer.create(api, userSpec({ rootfs, args: [name] }));
      const { stdout } = await container.finish();
      expect(stdout).toMatch(/^from \/run\/rund-homes\/\d+\/home\/usr\/bin\/only-in-image\n$/);
    }
    const missing = await ApiContainer.record(api, userSpec({ rootfs, args: ["no-such"] }), { nullIo: true });
    await expect(missing.createTask()).rejects.toThrow(/"no-such": executable file not found in \$PATH/);
  });

  it("starts in a folder of its home, which is made as its user when it is missing", async () => {
    const rootfs = await copyRootfs();
    const { stdout } = await run("pwd", { rootfs, cwd: "/made/here" });
    expect(stdout).toMatch(/^\/run\/rund-homes\/\d+\/home\/made\/here\n$/);
    expect(await stat(`${rootfs}/made/here`)).toMatchObject({ uid: 0, gid: 0 });
  });

  it("has volumes in its home, in which the image's user's files are its own", async () => {
    const volume = await testFolder();
    await writeFile(`${volume}/file`, "content\n");
    const mounts = [
      { destination: "/data", type: "bind", source: volume, options: ["rbind", "rw"] },
      { destination: "/read", type: "bind", source: volume, options: ["rbind", "ro"] },
      { destination: "/etc/resolv.conf", type: "bind", source: `${volume}/file`, options: ["bind", "ro"] },
      { destination: "/etc/one/file", type: "bind", source: `${volume}/file`, options: ["bind", "ro"] },
    ];
    const rootfs = await copyRootfs();
    const before = await folderListing(rootfs);
    const { mtimeMs } = await stat(`${rootfs}/etc`);
    const script = "cat data/file etc/one/file; echo new >data/new; touch read/x; ls etc/resolv.conf";
    const { exitCode, stdout, stderr } = await run(script, { mounts, rootfs });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "content\ncontent\n" });
    expect(stderr).toMatch(/Read-only file system[\s\S]*resolv.conf.*No such file/);
    expect(await readFile(`${volume}/new`, "utf8")).toBe("new\n");
    expect(await stat(`${volume}/new`)).toMatchObject({ uid: 0, gid: 0 });
    expect(await folderListing(rootfs)).toEqual(before);
    expect((await stat(`${rootfs}/etc`)).mtimeMs).toBe(mtimeMs);
  });

  it("can make no program of root's in a volume that it reaches by another path", async () => {
    const [volume, rootfs] = [await testFolder(), await copyRootfs()];
    const open = await mkdtemp("/tmp/rund-open-");
    onTestFinished(() => rm(open, { recursive: true }));
    for (const folder of [open, `${open}/volume`]) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o777);
    }
    const mounts = [
      { destination: "/closed", type: "bind", source: volume, options: ["rbind", "rw"] },
      { destination: "/open", type: "bind", source: `${open}/volume`, options: ["rbind", "rw"] },
    ];
    const script = "id -u; for folder in closed open; do touch $folder/x; chmod 4755 $folder/x; done";
    const { stdout } = await run(script, { mounts, rootfs });
    expect(await stat(`${open}/volume/x`)).toMatchObject({ uid: Number(stdout), mode: 0o104755 });
    // Nobody but root gets there.
    expect(await stat(`${volume}/x`)).toMatchObject({ uid: 0, mode: 0o104755 });
    const root = `${open}/rootfs`;
    await mkdir(root);
    const container = await ApiContainer.record(api, userSpec({ rootfs: root, args: ["true"] }), {
      nullIo: true,
    });
    await expect(container.createTask()).rejects.toThrow(`everybody can get to ${root}`);
  });

  it("has a terminal", async () => {
    const flags = ["--rm", "-t", "--network", "host", "--annotation", `${annotation}=user`];
    const script = "test -t 0 && stty size && echo $(id -un) >/dev/tty";
    const session = docker.pty(["run", ...flags, "busybox", "sh", "-c", script], { columns: 91, rows: 33 });
    expect(await session.exitCode).toBe(0);
    expect(session.output).toMatch(/33 91\s+rund-\d+/);
  });

  it.each([["a root that is read-only", { readonlyRoot: true }, /root: a home cannot be read-only/]])(
    "refuses %s",
    async (_what, options, text) => {
      const rootfs = await copyRootfs();
      const spec = userSpec({ rootfs, args: ["true"], ...options });
      const container = await ApiContainer.record(api, spec, { nullIo: true });
      await expect(container.createTask()).rejects.toThrow(text);
    },
  );
});

describe("processes of a container that is a user", () => {
  it("are its execs too, as the same user, and no other", async () => {
    const { container, uid } = await sleeper();
    const exec = await container.exec(["sh", "-c", "id -u; pwd; kill -0 1"]);
    const { exitCode, stdout } = await exec.finish();
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: `${uid}\n/run/rund-homes/${uid}/home\n` });
    const other = container.exec(["true"], { process: { user: { uid: 7, gid: 0 } }, nullIo: true });
    await expect(other).rejects.toThrow(/user 7:0: .*no other than 0:0/);
  });

  it("are found wherever they went, and end with the init, and the user with them", async () => {
    const stray = "(setsid sh -c 'sleep 1001 & cd /; sleep 1002 &' &) ; (setsid sleep 1003 &) ;";
    const { container, uid } = await sleeper(stray);
    expect(userIds()).toContain(uid);
    await expect.poll(() => processesOf(uid).length).toBe(4);
    const pids = await api.tasks.listPids({ containerId: container.id });
    expect(pids.processes.map(({ pid }) => pid).sort()).toEqual(
      processesOf(uid)
        .map(({ pid }) => pid)
        .sort(),
    );
    // The launcher that looks for some that are left becomes the user too.
    const left = () => processesOf(uid).filter(({ args }) => args[0] === "sleep");
    expect(left()).toHaveLength(4);
    const ended = container.wait();
    await container.kill(15);
    await ended;
    expect(left()).toEqual([]);
    await container.delete();
    expect(userIds()).not.toContain(uid);
    expect(existsSync(`/run/rund-homes/${uid}`)).toBe(false);
  });

  it("are paused and go on, wherever they are", async () => {
    const { container, uid } = await sleeper("(setsid sleep 1003 &) ;");
    const states = () =>
      processesOf(uid).map(
        ({ pid }) => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1],
      );
    await expect.poll(() => states()).toEqual(["S", "S"]);
    await api.tasks.pause({ containerId: container.id });
    expect(states()).toEqual(["T", "T"]);
    await api.tasks.resume({ containerId: container.id });
    await expect.poll(() => states()).toEqual(["S", "S"]);
  });

  it("of two containers are those of two users, and neither sees the other's home", async () => {
    const [first, second] = await Promise.all([sleeper(), sleeper()]);
    expect(first.uid).not.toBe(second.uid);
    const script = `ls /run/rund-homes/${second.uid}/home; ls /run/rund-homes`;
    const exec = await first.container.exec(["sh", "-c", script]);
    const { exitCode, stdout, stderr } = await exec.finish();
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.match(/Permission denied/g)).toHaveLength(2);
  });
});

describe("the user of a container", () => {
  const bundleOf = (id: string) => `${daemons.state}/io.containerd.runtime.v2.task/${ctr.namespace}/${id}`;

  it("is removed when the shim was killed, with all that ran as it", async () => {
    const { container, uid } = await sleeper("(setsid sleep 1003 &) ;");
    process.kill(shimPid(container.id), "SIGKILL");
    await expect.poll(() => existsSync(bundleOf(container.id)), { timeout: 20_000 }).toBe(false);
    expect(processesOf(uid)).toEqual([]);
    expect(userIds()).not.toContain(uid);
    expect(existsSync(`/run/rund-homes/${uid}`)).toBe(false);
  });

  it("is removed by the next one when its shim and bundle are gone without a word", async () => {
    const folder = await testFolder();
    const rootfs = await copyRootfs();
    const args = ["sh", "-c", `id -u >uid; touch /tmp/left-by-$(id -u); sleep 1000`];
    const { shim, task } = await DirectShim.start({
      spec: userSpec({ rootfs, args }),
      folder,
      env: { PATH: daemons.path },
    });
    await task.create();
    await task.start();
    await expect
      .poll(() => existsSync(`${rootfs}/uid`) && readFileSync(`${rootfs}/uid`, "utf8"))
      .toMatch(/\d\n/);
    const uid = Number(readFileSync(`${rootfs}/uid`, "utf8"));
    await expect.poll(() => existsSync(`/tmp/left-by-${uid}`)).toBe(true);
    const [init] = processesOf(uid);
    for (const pid of shimPids(shim.id)) {
      process.kill(pid, "SIGKILL");
      await expect.poll(() => isAlive(pid)).toBe(false);
    }
    expect(userIds()).toContain(uid);
    rmSync(shim.bundle, { recursive: true });
    expect((await run("true")).exitCode).toBe(0);
    expect(isAlive(init?.pid ?? 0)).toBe(false);
    expect(existsSync(`/tmp/left-by-${uid}`)).toBe(false);
    await expect.poll(() => readFileSync("/proc/mounts", "utf8")).not.toContain(rootfs);
  });

  it("is removed when its container cannot be made", async () => {
    const before = userIds();
    const { exitCode } = await ctr.runContainer(["no-such-program"], {
      flags: ["--runtime-config-path", await optionsFile({ isolation: "user" })],
    });
    expect(exitCode).not.toBe(0);
    const more = [...userIds()].filter((uid) => !before.has(uid) && uid >= pool.first && uid <= pool.last);
    expect(more).toEqual([]);
  });
});

/** A file of runtime options. */
async function optionsFile(options: unknown): Promise<string> {
  const file = `${await testFolder()}/options.json`;
  await writeFile(file, JSON.stringify(options));
  return file;
}

describe("isolation by user is asked for", () => {
  it("by ctr with a file of runtime options", async () => {
    const flags = ["--runtime-config-path", await optionsFile({ isolation: "user" })];
    const { exitCode, stdout, stderr } = await ctr.runContainer(["sh", "-c", "id -un; pwd"], { flags });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^rund-(\d+)\n\/run\/rund-homes\/\1\/home\n$/);
  });

  it.each([
    [{ isolation: "vm" }, 'isolation: must be chroot or user, not "vm"'],
    [{ isolated: "user" }, 'unknown "isolated"'],
    ["user", "must be an object"],
  ])("and told what is wrong: %j", async (options, text) => {
    const flags = ["--runtime-config-path", await optionsFile(options)];
    const { exitCode, stderr } = await ctr.runContainer(["true"], { flags });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(text);
  });

  it("by an annotation of docker's, which wins, with volumes, execs and a forced end", async () => {
    const flags = ["--annotation", `${annotation}=user`, "-v", `${uniqueId("volume")}:/data`, "-w", "/work"];
    const script =
      "echo $(id -u) $PWD; touch /etc/not $HOME/data/x && exit; touch $HOME/data/x; exec sleep 1000";
    const container = await DockerContainer.start(docker, ["sh", "-c", script], { flags });
    const logs = async () => (await docker.ok(["logs", container.id])).stdout;
    await expect.poll(logs).toMatch(/^\d+ \/run\/rund-homes\/\d+\/home\/work\n/);
    const uid = Number((await logs()).split(" ")[0]);
    const { stdout } = await docker.ok(["exec", container.id, "sh", "-c", "id -u; ls $HOME/data"]);
    expect(stdout).toBe(`${uid}\nx\n`);
    const refused = await docker.run(["exec", "-u", "7", container.id, "true"]);
    expect(refused.stdout + refused.stderr).toMatch(/user 7:0: a jail that is a user has no other than 0:0/);
    await docker.ok(["rm", "--force", "--volumes", container.id]);
    expect(userIds()).not.toContain(uid);
    expect(processesOf(uid)).toEqual([]);
  });

  it("by an annotation that means nothing, and told so", async () => {
    const flags = ["--annotation", `${annotation}=none`];
    const { stderr } = await docker.runContainer(["true"], { flags });
    expect(stderr).toContain(`annotation ${annotation}: must be chroot or user, not "none"`);
  });
});
