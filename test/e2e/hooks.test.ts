import { readFile, rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Hook, Hooks, Spec } from "../../src/oci/spec.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { ApiContainer, type ApiContainerOptions } from "./support/api_container.ts";
import { processesWith, shimPid } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, census } = shared();

const shell = (script: string): Hook => ({
  path: "/bin/sh",
  args: ["sh", "-c", script],
  env: ["PATH=/bin:/usr/bin"],
});

interface Trial {
  readonly spec: Spec;
  /** Where hooks write what is asked for below. */
  readonly log: string;
  readonly root: string;
}

/** A spec with hooks that `make` makes for a file to write to. */
async function trial(
  make: (log: string) => Hooks,
  args: readonly string[] = ["sleep", "60"],
): Promise<Trial> {
  const root = await copyRootfs();
  const log = `${await testFolder()}/log`;
  const spec = { ...jailSpec({ rootfs: root, args }), annotations: { color: "blue" }, hooks: make(log) };
  return { spec, log, root };
}

const record = (spec: Spec, options: ApiContainerOptions = {}) =>
  ApiContainer.record(api, spec, { nullIo: true, ...options });
const read = (file: string) => readFile(file, "utf8").catch(() => "");

describe("hooks", () => {
  it("run at each point, in order, with the state of that point", async () => {
    const before = census.take();
    const { spec, log, root } = await trial((file) => {
      const note = (name: string) => shell(`{ echo ${name}; cat; echo; } >>${file}`);
      return {
        prestart: [note("prestart")],
        createRuntime: [note("createRuntime"), note("again")],
        createContainer: [note("createContainer")],
        startContainer: [shell("{ id -u; pwd; cat; } >/hook; echo said; exit 0")],
        poststart: [note("poststart")],
        poststop: [note("poststop")],
      };
    });
    const container = await record(spec);
    const pid = await container.createTask();
    const states = async () => (await read(log)).trim().split("\n");
    const names = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("{"));
    const created = await states();
    expect(names(created)).toEqual(["prestart", "createRuntime", "again", "createContainer"]);
    expect(JSON.parse(created[1] ?? "")).toMatchObject({
      ociVersion: "1.3.0",
      id: container.id,
      status: "creating",
      pid,
      bundle: expect.stringContaining(`/${container.id}`),
      annotations: { color: "blue" },
    });
    await container.start();
    const inJail = (await readFile(`${root}/hook`, "utf8")).split("\n");
    expect(inJail.slice(0, 2)).toEqual(["0", "/"]);
    expect(JSON.parse(inJail[2] ?? "")).toMatchObject({ status: "created", pid });
    expect(names(await states()).slice(4)).toEqual(["poststart"]);
    expect(JSON.parse((await states())[9] ?? "")).toMatchObject({ status: "running", pid });
    await container.kill(9);
    await container.wait();
    await container.delete();
    const last = await states();
    expect(names(last).slice(5)).toEqual(["poststop"]);
    expect(JSON.parse(last[11] ?? "")).toMatchObject({ status: "stopped" });
    await container.remove();
    await census.expectNoMoreThan(before);
  });

  it.each(["prestart", "createRuntime", "createContainer"] as const)(
    "%s that fails fails the creation, and everything is taken back",
    async (point) => {
      const before = census.take();
      const { spec, log } = await trial((file) => ({
        [point]: [shell("echo bad luck >&2; exit 7")],
        poststop: [shell(`echo gone >${file}`)],
      }));
      const container = await record(spec);
      await expect(container.createTask()).rejects.toThrow(`hook ${point} /bin/sh: exit status 7: bad luck`);
      await expect(container.state()).rejects.toMatchObject({ code: 5 });
      await census.expectNoMoreThan(before);
      expect(await read(log)).toBe("gone\n");
    },
  );

  it("that takes too long is killed with all it has started", async () => {
    // No other run's, which may be under way beside this one.
    const seconds = `61.${process.pid}`;
    const { spec, log } = await trial((file) => ({
      createRuntime: [{ ...shell(`sleep ${seconds} & echo $! >${file}; wait`), timeout: 1 }],
    }));
    const container = await record(spec);
    await expect(container.createTask()).rejects.toThrow(/hook createRuntime .*not done after 1 s, killed/);
    expect(await read(log)).toMatch(/^\d+\n$/);
    expect(processesWith(seconds)).toEqual([]);
  });

  it.each([
    ["startContainer", "exit status 3: in the jail", "echo in the jail >&2; exit 3"],
    ["startContainer", "not done after 1 s, killed", "sleep 60"],
    ["poststart", "exit status 4", "exit 4"],
  ] as const)("%s that fails (%s) fails the start and ends the container", async (point, text, script) => {
    const { spec } = await trial(() => ({ [point]: [{ ...shell(script), timeout: 1 }] }));
    const container = await record(spec);
    await container.createTask();
    await expect(container.start()).rejects.toThrow(`hook ${point} /bin/sh: ${text}`);
    expect(await container.wait()).toMatchObject({ exitStatus: 137 });
    await container.delete();
  });

  it("of the jail are looked for in the jail, and run as its user", async () => {
    const { spec, root } = await trial(() => ({ startContainer: [{ path: "/bin/id", args: ["id"] }] }));
    await rm(`${root}/bin/id`);
    const container = await record(spec);
    await container.createTask();
    await expect(container.start()).rejects.toThrow(
      /hook startContainer \/bin\/id: .*no such file or directory/,
    );
  });

  it("of the end run when the shim was killed", async () => {
    const { spec, log } = await trial((file) => ({ poststop: [shell(`cat >${file}`)] }));
    const container = await record(spec);
    await container.createTask();
    await container.start();
    process.kill(shimPid(container.id), "SIGKILL");
    await expect.poll(() => read(log), { timeout: 10_000 }).toContain('"status":"stopped"');
  });

  it("of a private network that nobody can set up do not run", async () => {
    const { spec, log } = await trial((file) => ({
      createRuntime: [shell(`touch ${file}; echo ran >${file}`)],
    }));
    const linux = { ...spec.linux, namespaces: [{ type: "network" }] };
    const container = await record({ ...spec, linux });
    await expect(container.createTask()).rejects.toThrow(/use --network host/);
    expect(await read(log)).toBe("");
  });
});
