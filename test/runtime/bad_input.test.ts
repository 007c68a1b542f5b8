import { mkdir, readdir, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Spec } from "../../src/oci/spec.ts";
import { CommandLine } from "../harness/command_line.ts";
import { containerId, makeBundle, runtimes, testFolder } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

describe("is refused, and nothing is left:", () => {
  it.each(["", ".", "..", "a/b", "../a", "a b", "a\nb", "ä", "*", "a".repeat(300)])(
    "the id %j",
    async (id) => {
      const bundle = await makeBundle(own, "true");
      for (const command of ["create", "state", "start", "delete", "kill"]) {
        const flags = command === "create" ? ["--bundle", bundle.path] : [];
        const { exitCode, stderr } = await rund.run([command, ...flags, id]);
        expect([command, exitCode]).toEqual([command, 1]);
        expect(stderr).toMatch(/^rund [a-z]+: (id "|.*: file name too long$)/m);
      }
      expect(await readdir(rund.root).catch(() => [])).toEqual([]);
    },
  );

  it("an id that is taken, in whatever state: as with runc", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    for (const runtime of both) {
      const id = containerId(runtime);
      await runtime.create(id, bundle);
      const before = await runtime.state(id);
      for (const command of ["create", "run"]) {
        const { exitCode, stderr } = await runtime.run([command, "-b", bundle.path, id]);
        expect([runtime.name, exitCode]).toEqual([runtime.name, 1]);
        expect(stderr).toContain("container with given ID already exists");
      }
      expect(await runtime.state(id)).toEqual(before);
    }
  });

  it.each([
    ["a bundle that is not there", "/no/such/bundle", /\/no\/such\/bundle.*: no such file or directory/],
    ["a file for a bundle", "/etc/passwd", /\/etc\/passwd.*: not a directory/],
    ["a folder that is no bundle", "/etc", /config\.json.*(no such file or directory|not found)/],
  ])("%s, as by runc", async (_what, path, reason) => {
    for (const runtime of both) {
      const id = containerId(runtime);
      const { exitCode, stderr } = await runtime.run(["create", "-b", path, id]);
      expect([runtime.name, exitCode]).toEqual([runtime.name, 1]);
      expect(stderr).toMatch(reason);
      expect((await runtime.run(["state", id])).exitCode).toBe(1);
    }
  });

  it("a config.json that is none", async () => {
    const folder = await testFolder(own);
    const id = containerId(rund);
    for (const [text, reason] of [
      ["", /not JSON/],
      ["[]", /must be an object/],
      ['{"ociVersion":"1.0.0"}', /process: missing/],
      ['{"ociVersion":"1.0.0","process":{"args":[],"cwd":"/"}}', /args must not be empty/],
      ['{"ociVersion":"1.0.0","process":{"args":"sh","cwd":"/"}}', /process: args: must be a list/],
    ] as const) {
      await writeFile(`${folder}/config.json`, text);
      await mkdir(`${folder}/rootfs`, { recursive: true });
      const { exitCode, stderr } = await rund.run(["run", "-b", folder, id]);
      expect([text, exitCode]).toEqual([text, 1]);
      expect(stderr).toMatch(reason);
    }
    expect((await rund.ok(["list", "-q"])).stdout).toBe("");
  });

  it("a root that is not there", async () => {
    const change = (spec: Spec) => ({ ...spec, root: { path: "nowhere" } });
    const bundle = await makeBundle(own, "true", { change });
    const { exitCode, stderr } = await rund.run(["run", "-b", bundle.path, containerId(rund)]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/does not exist: .*\/nowhere\n$/);
    expect((await rund.ok(["list", "-q"])).stdout).toBe("");
  });

  it("a pid file that cannot be written, and the container with it", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    for (const command of ["create", "run"]) {
      const flags = ["--pid-file", "/no/such/folder/pid", "-b", bundle.path];
      const { exitCode, stderr } = await rund.run([command, ...flags, containerId(rund)]);
      expect([exitCode, stderr]).toEqual([
        1,
        `rund ${command}: pid file: write /no/such/folder/pid: no such file or directory\n`,
      ]);
    }
    expect((await rund.ok(["list", "-q"])).stdout).toBe("");
  });
});

describe("a command line that means nothing", () => {
  it.each([
    [["frobnicate"], "rund: frobnicate: no such command: see rund --help"],
    [["toString"], "rund: toString: no such command: see rund --help"],
    [["--frobnicate", "list"], "rund: Unknown argument: frobnicate: see rund --help"],
    [["list", "--frobnicate"], "rund list: Unknown argument: frobnicate: see rund list --help"],
    [
      ["list", "--format", "xml"],
      'rund list: --format "xml": must be one of "table", "json": see rund list --help',
    ],
    [
      ["--log-format", "xml", "list"],
      'rund: --log-format "xml": must be one of "text", "json": see rund --help',
    ],
    [["create"], "rund create: needs the container's ID: see rund create --help"],
    [
      ["create", "a", "b"],
      `rund create: takes the container's ID alone, not "b" besides: see rund create --help`,
    ],
    [["create", "--bundle"], "rund create: --bundle: needs a value: see rund create --help"],
    [["run", "--preserve-fds", "x", "a"], "rund run: --preserve-fds: must be a number: see rund run --help"],
    [["kill"], "rund kill: needs the container's ID: see rund kill --help"],
    [["ps"], "rund ps: needs the container's ID: see rund ps --help"],
    [["state"], "rund state: needs the container's ID: see rund state --help"],
    [
      ["events", "--interval", "soon", "a"],
      "rund events: --interval soon: must be a time such as 500ms, 5s or 1m",
    ],
    [["checkpoint", "a"], "rund checkpoint: jails cannot be checkpointed: there is no CRIU for chroot jails"],
    [["restore", "a"], "rund restore: jails cannot be checkpointed: there is no CRIU for chroot jails"],
  ] as const)("%j is told so", async (args, text) => {
    const { exitCode, stdout, stderr } = await rund.run(args);
    expect([exitCode, stdout, stderr]).toEqual([1, "", `${text}\n`]);
  });

  it("of one who is not root is told so, and may ask for help", async () => {
    const asUser = (...args: string[]) =>
      new CommandLine("setpriv", ["--reuid", "65534", "--clear-groups", rund.program]).run(args);
    expect(await asUser("list")).toMatchObject({
      exitCode: 1,
      stderr: "rund list: only root can make jails and look into them: use sudo\n",
    });
    for (const args of [["--version"], ["run", "--help"], ["features"]]) {
      expect((await asUser(...args)).exitCode).toBe(0);
    }
  });
});
