import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Spec } from "../../src/oci/spec.ts";
import { CommandLine } from "../harness/command_line.ts";
import { readLog } from "./support/outcome.ts";
import { containerId, makeBundle, runtimes } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

const modeOf = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8);

describe("a created container", () => {
  it("has a process that waits, whose streams are its own from the start", async () => {
    const bundle = await makeBundle(own, "read word; echo got $word; echo errors >&2; exit 3");
    await writeFile(`${bundle.path}/in`, "input\n");
    for (const runtime of both) {
      const id = containerId(runtime);
      await runtime.create(id, bundle, "--pid-file", `${bundle.path}/pid`);
      const { pid, status } = await runtime.state(id);
      expect([status, await readFile(`${bundle.path}/pid`, "utf8")]).toEqual(["created", String(pid)]);
      expect(await bundle.output()).toBe("");
      await runtime.ok(["start", id]);
      await expect.poll(() => bundle.output()).toBe("got input\n");
      await expect.poll(() => runtime.state(id)).toMatchObject({ status: "stopped", pid: 0 });
      expect(await bundle.errors()).toBe("errors\n");
    }
  });

  it("keeps the process that was created", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const id = containerId(rund);
    await rund.create(id, bundle);
    const { pid } = await rund.state(id);
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).toMatch(/rund-jail\0exec\0$/);
    await rund.ok(["start", id]);
    expect((await rund.state(id)).pid).toBe(pid);
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).toBe(`sleep\0${1000}\0`);
  });

  it("is started once, however many try", async () => {
    const bundle = await makeBundle(own, "echo started; exec sleep 1000");
    const id = containerId(rund);
    await rund.create(id, bundle);
    const starts = await Promise.all(Array.from({ length: 6 }, () => rund.run(["start", id])));
    expect(starts.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1, 1, 1, 1, 1]);
    for (const { exitCode, stderr } of starts) {
      if (exitCode === 1) expect(stderr).toMatch(/^rund start: start/);
    }
    await expect.poll(() => bundle.output()).toBe("started\n");
  });

  it("is seen by those who look while it is started", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const id = containerId(rund);
    await rund.create(id, bundle);
    const [, ...states] = await Promise.all([
      rund.ok(["start", id]),
      ...Array.from({ length: 6 }, () => rund.state(id)),
    ]);
    for (const { status } of states) expect(["created", "running"]).toContain(status);
  });

  it("does not run what was changed in its bundle since", async () => {
    const bundle = await makeBundle(own, "echo first; exec sleep 1000");
    const id = containerId(rund);
    await rund.create(id, bundle);
    await writeFile(`${bundle.path}/config.json`, "{");
    await rund.ok(["start", id]);
    await expect.poll(() => bundle.output()).toBe("first\n");
    expect((await rund.ok(["exec", id, "echo", "there"])).stdout).toBe("there\n");
  });

  it("has a folder that only root looks into", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const id = containerId(rund);
    await rund.create(id, bundle, "--pid-file", `${bundle.path}/pid`);
    expect(await modeOf(rund.root)).toBe("711");
    expect(await modeOf(`${rund.root}/${id}`)).toBe("700");
    expect(await modeOf(`${rund.root}/${id}/rund.json`)).toBe("600");
    expect(await modeOf(`${rund.root}/${id}/gate`)).toBe("600");
    expect(await modeOf(`${bundle.path}/pid`)).toBe("644");
    expect((await stat(`${rund.root}/${id}/gate`)).isSocket()).toBe(true);
  });

  it("is as open as it is meant to be under any umask", async () => {
    const bundle = await makeBundle(own, "umask; exec sleep 1000");
    for (const mask of ["0", "077"]) {
      const id = containerId(rund);
      const words = [
        rund.program,
        ...rund.prefix,
        "create",
        "--pid-file",
        `${bundle.path}/pid`,
        "-b",
        bundle.path,
        id,
      ];
      await withUmask(mask, words, bundle.path);
      expect(await modeOf(`${rund.root}/${id}/rund.json`)).toBe("600");
      expect(await modeOf(`${rund.root}/${id}/gate`)).toBe("600");
      await rund.ok(["start", id]);
      await expect.poll(() => bundle.output()).toBe("0022\n");
    }
  });

  it("fails for a missing program, and leaves nothing: as with runc", async () => {
    const bundle = await makeBundle(own, ["no-such-program"]);
    for (const runtime of both) {
      const id = containerId(runtime);
      const log = `${bundle.path}/${runtime.name}.log`;
      const { exitCode } = await runtime.run([
        "--log",
        log,
        "--log-format",
        "json",
        "create",
        "-b",
        bundle.path,
        id,
      ]);
      expect([runtime.name, exitCode]).toEqual([runtime.name, 1]);
      expect(readLog(log).at(-1)?.msg).toContain(
        'exec: "no-such-program": executable file not found in $PATH',
      );
      expect((await runtime.run(["state", id])).exitCode).toBe(1);
    }
    expect(await readdir(rund.root)).toEqual([]);
  });

  it("runs its hooks, with its state on their input", async () => {
    const bundle = await makeBundle(own, "exit 0");
    const hook = (name: string) => ({
      path: "/bin/sh",
      args: ["sh", "-c", `echo "${name} $(cat)" >>${bundle.path}/hooks`],
    });
    const points = ["prestart", "createRuntime", "createContainer", "poststart", "poststop"] as const;
    const hooks = Object.fromEntries(points.map((point) => [point, [hook(point)]]));
    const spec = JSON.parse(await readFile(`${bundle.path}/config.json`, "utf8")) as Spec;
    const id = containerId(rund);
    await bundle.writeSpec({ ...spec, hooks });
    const lines = async () => {
      const text = await readFile(`${bundle.path}/hooks`, "utf8");
      return text
        .trim()
        .split("\n")
        .map((line) => {
          const [name = "", ...rest] = line.split(" ");
          const { id: of, status } = JSON.parse(rest.join(" ")) as { id: string; status: string };
          return `${name} ${of} ${status}`;
        });
    };
    await rund.create(id, bundle);
    expect(await lines()).toEqual(
      ["prestart", "createRuntime", "createContainer"].map((name) => `${name} ${id} creating`),
    );
    await rund.ok(["start", id]);
    expect((await lines()).at(-1)).toBe(`poststart ${id} running`);
    await expect.poll(() => rund.state(id)).toMatchObject({ status: "stopped" });
    await rund.ok(["delete", id]);
    expect((await lines()).at(-1)).toBe(`poststop ${id} stopped`);
    await rm(`${bundle.path}/hooks`);
  });
});

async function withUmask(mask: string, words: readonly string[], folder: string): Promise<void> {
  const script = 'umask "$1"; folder=$2; shift 2; exec "$@" >"$folder/out" 2>"$folder/err"';
  await new CommandLine("sh", ["-c", script, "sh", mask, folder]).ok(words);
}
