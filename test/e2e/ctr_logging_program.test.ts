import { chmod, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { rundRuntime } from "../harness/ctr.ts";
import { shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { processesWith } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, census, ctr, rootfs } = shared();

/** A program of a shell script, in a folder of its own that `$d` names. */
async function logger(script: string): Promise<{ path: string; folder: string }> {
  const folder = await testFolder();
  const path = `${folder}/logger`;
  await writeFile(path, `#!/bin/sh\nd=$(dirname "$0")\n${script}\n`);
  await chmod(path, 0o755);
  return { path, folder };
}

const copy = 'cat <&3 >"$d/out" & cat <&4 >"$d/err" & wait; echo end >"$d/end"';

/** Starts a container whose output goes to a log URI, and answers its id. */
async function run(uri: string, args: readonly string[], ...flags: readonly string[]): Promise<string> {
  const id = uniqueId("log");
  onTestFinished(() => ctr.remove(id));
  await ctr.ok(ctr.runArguments(args, { id, flags: ["--log-uri", uri, ...flags] }, "-d"));
  return id;
}

const ended = (folder: string) =>
  expect.poll(() => readFile(`${folder}/end`, "utf8").catch(() => ""), { timeout: 10_000 }).toBe("end\n");

describe("ctr run --log-uri", () => {
  it("binary:// hands the output to the program, which is told what it logs", async () => {
    const before = census.take();
    const { path, folder } = await logger(
      `printf '<%s>' "$@" >"$d/args"; env | grep CONTAINER | sort >"$d/env"
       readlink /proc/$$/fd/* >"$d/fds"; exec 5>&-; ${copy}`,
    );
    const id = await run(`binary://${path}?x=y&name=two%20words`, ["sh", "-c", "echo out; echo err >&2"]);
    await ended(folder);
    const read = (name: string) => readFile(`${folder}/${name}`, "utf8");
    expect(await read("args")).toBe("<x><y><name><two words>");
    expect(await read("env")).toBe(`CONTAINER_ID=${id}\nCONTAINER_NAMESPACE=${ctr.namespace}\n`);
    expect([await read("out"), await read("err")]).toEqual(["out\n", "err\n"]);
    // Nothing of the shim's own gets into a foreign program: 5 is the one socket; the shell holds its script and this list.
    const kinds = /^(\/dev\/null|socket:.*|.*\/pipes-\w+\/[01] \(deleted\)|.*\/(logger|fds))$/;
    const fds = (await read("fds")).trim().split("\n");
    expect(fds.filter((fd) => !kinds.test(fd))).toEqual([]);
    expect(fds.filter((fd) => fd.startsWith("socket:")).length).toBe(1);
    await ctr.remove(id);
    await census.expectNoMoreThan(before);
  });

  it("binary:// gives a process real pipes, and all of a long output arrives", async () => {
    const { path, folder } = await logger(`exec 5>&-; ${copy}`);
    await run(`binary://${path}`, [
      "sh",
      "-c",
      "test -p /dev/stdout; echo $?; seq 1 300000; echo x >/dev/stderr",
    ]);
    await ended(folder);
    const lines = (await readFile(`${folder}/out`, "utf8")).split("\n");
    expect([lines.length, lines[0], lines.at(-2)]).toEqual([300_002, "0", "300000"]);
    expect(await readFile(`${folder}/err`, "utf8")).toBe("x\n");
  });

  it("binary:// with a program that dies lets the container run on to its end", async () => {
    const { path } = await logger("exec 5>&-; exit 3");
    const id = await run(`binary://${path}`, ["sh", "-c", "head -c 3000000 /dev/zero; exit 5"]);
    expect(await api.tasks.wait({ containerId: id })).toMatchObject({ exitStatus: 5 });
  });
});

/** A task whose stdout goes to a URI that ctr itself would not send. */
async function create(uri: string, script = "echo out", terminal = false): Promise<ApiContainer> {
  const spec = jailSpec({ rootfs, args: ["sh", "-c", script], terminal });
  const container = await ApiContainer.record(api, spec, { nullIo: true, runtime: rundRuntime });
  await api.tasks.create({ containerId: container.id, stdout: uri, stderr: terminal ? "" : uri, terminal });
  return container;
}

describe("a log URI", () => {
  it("binary:// logs a terminal", async () => {
    const { path, folder } = await logger(`exec 5>&-; ${copy}`);
    await (await create(`binary://${path}`, "test -t 1 && echo terminal", true)).finish();
    await ended(folder);
    expect(await readFile(`${folder}/out`, "utf8")).toBe("terminal\r\n");
  });

  it("binary-v2:// waits for the program's byte", async () => {
    const { path, folder } = await logger(
      `touch "$d/seen"; sleep 0.2; echo ready >"$d/ready"; echo >&5; ${copy}`,
    );
    const container = await create(`binary-v2://${path}`);
    expect(await readFile(`${folder}/ready`, "utf8")).toBe("ready\n");
    await container.finish();
    await ended(folder);
    expect(await readFile(`${folder}/out`, "utf8")).toBe("out\n");
  });

  it("binary-v2:// of a program that ends before is refused, and nothing is left", async () => {
    const before = census.take();
    const { path } = await logger("exit 1");
    await expect(create(`binary-v2://${path}`)).rejects.toThrow(/ended before it was ready/);
    await census.expectNoMoreThan(before);
    expect(processesWith(path)).toEqual([]);
  });

  it.each([
    ["gopher:///x", /unknown scheme "gopher"/],
    // containerd up to 1.7 takes a message for a format, and fills in what the % seems to ask for.
    ["file:///x%zz", /malformed escape in "\/x%(zz|!z\(MISSING\)z)"/],
    ["binary://x", /path is not absolute/],
    ["binary:///nowhere/logger", /no such file or directory/],
  ])("%s is refused with a clear text", async (uri, text) => {
    await expect(create(uri)).rejects.toThrow(text);
  });
});
