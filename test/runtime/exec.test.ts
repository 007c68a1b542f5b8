import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { busyboxRootfs } from "../harness/busybox_rootfs.ts";
import { inFiles } from "./support/oci_runtime.ts";
import { type BundleOptions, containerId, makeBundle, runtimes, testFolder } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

/** A container that runs, in each of the runtimes, under one id. */
async function running(options: BundleOptions = {}, where = both) {
  const bundle = await makeBundle(own, ["sleep", "1000"], options);
  const id = containerId(...where);
  for (const runtime of where) await runtime.start(id, bundle);
  return { id, bundle };
}

describe("exec", () => {
  it.each([
    {
      what: "the container's environment and user",
      flags: [],
      script: "echo $COLOR $(id -u):$(id -g) $(id -G) $PWD",
    },
    {
      what: "more variables",
      flags: ["-e", "COLOR=blue", "-e", "SHAPE=round=1"],
      script: "echo $COLOR $SHAPE",
    },
    { what: "another folder", flags: ["--cwd", "/tmp"], script: "pwd" },
    {
      what: "a user's number, which leaves the group",
      flags: ["--user", "1001"],
      script: "id -u; id -g; id -G",
    },
    {
      what: "numbers of user and group, and more groups",
      flags: ["-u", "1001:7", "-g", "29", "-g", "4"],
      script: "id -u; id -G",
    },
    { what: "a capability more", flags: ["--cap", "CAP_SYS_TIME"], script: "grep Cap /proc/self/status" },
    { what: "no new privileges", flags: ["--no-new-privs"], script: "grep NoNewPrivs /proc/self/status" },
    { what: "HOME of the user", flags: ["--user", "1000"], script: "echo $HOME" },
  ])("gives $what, as runc", async ({ flags, script }) => {
    const capabilities = { bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"] };
    const { id } = await running({
      env: ["COLOR=red"],
      user: { uid: 1000, gid: 100, additionalGids: [2000] },
      cwd: "/var",
      change: (spec) => ({ ...spec, process: { ...spec.process, capabilities } }),
    });
    const answers = [];
    for (const runtime of both) {
      const { exitCode, stdout } = await runtime.run(["exec", ...flags, id, "sh", "-c", script]);
      answers.push({ exitCode, stdout });
    }
    expect(answers[0]?.exitCode).toBe(0);
    expect(answers[0]).toEqual(answers[1]);
  });

  it("leaves what looks like a flag to the program", async () => {
    const { id } = await running({}, [rund]);
    const words = ["--env", "-x", "--", "--help"];
    expect((await rund.ok(["exec", id, "echo", ...words])).stdout).toBe(`${words.join(" ")}\n`);
  });

  it("takes a whole process from a file, as runc", async () => {
    const { id, bundle } = await running();
    const file = `${bundle.path}/process.json`;
    const process = {
      args: ["sh", "-c", "echo $A $(id -u) $PWD; exit 4"],
      env: ["PATH=/bin", "A=b"],
      cwd: "/tmp",
      user: { uid: 7, gid: 7 },
    };
    await writeFile(file, JSON.stringify(process));
    for (const runtime of both) {
      const { exitCode, stdout } = await runtime.run(["exec", "--process", file, id]);
      expect([runtime.name, exitCode, stdout]).toEqual([runtime.name, 4, "b 7 /tmp\n"]);
    }
    await writeFile(file, "{");
    expect(await rund.run(["exec", "--process", file, id])).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining(`${file}: not JSON: `),
    });
    expect(await rund.run(["exec", "-p", `${file}.none`, id])).toMatchObject({
      exitCode: 255,
      stderr: `rund exec: process: open ${file}.none: no such file or directory\n`,
    });
  });

  it("passes streams, signals and the code on", async () => {
    const { id } = await running({}, [rund]);
    const script =
      "trap 'echo term; exit 5' TERM; cat; echo errors >&2; echo ready; while :; do sleep 0.02; done";
    const exec = rund.spawn(["exec", id, "sh", "-c", script], { input: "input\n" });
    await exec.waitFor(/ready/);
    exec.kill("SIGTERM");
    expect(await exec.result).toMatchObject({
      exitCode: 5,
      stdout: "input\nready\nterm\n",
      stderr: "errors\n",
    });
    expect((await rund.run(["exec", id, "sh", "-c", "kill -9 $$"])).exitCode).toBe(137);
  });

  it("that is detached goes on by itself, as with runc", async () => {
    const { id, bundle } = await running();
    for (const runtime of both) {
      const pidFile = `${bundle.path}/exec-pid`;
      const args = ["exec", "--detach", "--pid-file", pidFile, id, "sh", "-c", "echo there; exec sleep 500"];
      expect((await inFiles(runtime, args, bundle.path).result).exitCode).toBe(0);
      await expect.poll(() => bundle.output()).toBe("there\n");
      const pid = await readFile(pidFile, "utf8");
      await expect.poll(() => readFile(`/proc/${pid}/cmdline`, "utf8")).toBe("sleep\0" + "500\0");
    }
  });

  it("into a container that was not started does not start it", async () => {
    const bundle = await makeBundle(own, ["touch", "/tmp/ran"]);
    for (const runtime of both) {
      const id = containerId(runtime);
      await runtime.create(id, bundle);
      expect((await runtime.ok(["exec", id, "echo", "early"])).stdout).toBe("early\n");
      expect(await runtime.state(id)).toMatchObject({ status: "created" });
    }
  });

  it("needs an id and a command", async () => {
    const { id } = await running({}, [rund]);
    expect((await rund.run(["exec"])).stderr).toBe(
      "rund exec: needs the container's ID and a command: see rund exec --help\n",
    );
    expect(await rund.run(["exec", id])).toMatchObject({
      exitCode: 255,
      stderr: "rund exec: needs a command: see rund exec --help\n",
    });
  });
});

describe("exec as a user with a name", () => {
  const who = ["sh", "-c", "id -u; id -g; id -G"];

  it.each([
    ["alice", "1000\n1000\n1000 4 29 2000\n"],
    ["bob", "1001\n100\n100 29\n"],
    ["bob:audio", "1001\n29\n29\n"],
    ["1000:audio", "1000\n29\n29\n"],
    ["nobody:7", "65534\n7\n7\n"],
  ])("%s has what the container's files say", async (name, expected) => {
    const { id } = await running({}, [rund]);
    expect((await rund.ok(["exec", "--user", name, id, ...who])).stdout).toBe(expected);
  });

  it("that they do not have is refused", async () => {
    const { id } = await running({}, [rund]);
    for (const [name, reason] of [
      ["ghost", "user ghost: no such user in /etc/passwd"],
      ["alice:ghosts", "group ghosts: no such group in /etc/group"],
    ] as const) {
      const { exitCode, stderr } = await rund.run(["exec", "-u", name, id, ...who]);
      expect([exitCode, stderr]).toEqual([255, `rund exec: ${reason}\n`]);
    }
  });

  it("is never looked up in the host's files", async () => {
    const folder = await testFolder(own);
    const rootfs = `${folder}/rootfs`;
    await busyboxRootfs(rootfs);
    await rm(`${rootfs}/etc/passwd`);
    await symlink("../../../../../../../../../etc/passwd", `${rootfs}/etc/passwd`);
    await writeFile(`${folder}/passwd`, "ghost:x:7:7::/:\n");
    const { id } = await running({ rootfs }, [rund]);
    // The host has it, and the link of the image leads to itself.
    const { exitCode, stderr } = await rund.run(["exec", "-u", "root", id, ...who]);
    expect([exitCode, stderr]).toEqual([255, "rund exec: user root: no such user in /etc/passwd\n"]);
  });
});
