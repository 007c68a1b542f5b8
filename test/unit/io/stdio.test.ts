import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { silentLogger } from "../../../src/common/log.ts";
import { Stdio, type StdioUris } from "../../../src/io/stdio.ts";

const none = { stdin: "", stdout: "", stderr: "", terminal: false };
const owner = { id: "c1", namespace: "ns", folder: "/nowhere", logger: silentLogger };
const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

let folder: string;
let open: number[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-stdio-"));
  open = [];
});

afterEach(() => {
  for (const descriptor of open) closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

async function openStdio(uris: StdioUris, signal?: AbortSignal): Promise<Stdio> {
  const stdio = await Stdio.open(uris, owner);
  try {
    await stdio.awaitClients(signal);
    return stdio;
  } catch (error) {
    await stdio.close();
    throw error;
  }
}

function fifo(name: string): string {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  return path;
}

function client(path: string, flags: number): number {
  const descriptor = openSync(path, flags);
  open.push(descriptor);
  return descriptor;
}

function readNow(descriptor: number): string {
  const buffer = Buffer.alloc(1024);
  return buffer.toString("utf8", 0, readSync(descriptor, buffer));
}

/** Of a fifo with nothing in it. */
function hasWriter(descriptor: number): boolean {
  try {
    return readNow(descriptor) !== "";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN";
  }
}

/** Runs a shell script with the ends that a jailed process would get. */
async function run(stdio: Stdio, script: string): Promise<number | null> {
  const child = spawn("/bin/sh", ["-c", script], { stdio: [...stdio.descriptors] });
  stdio.handOver();
  return new Promise((resolve) => child.once("exit", resolve));
}

describe("Stdio", () => {
  it("gives a process without stdio nothing", async () => {
    const stdio = await openStdio(none);
    expect(stdio.descriptors).toEqual(["ignore", "ignore", "ignore"]);
    stdio.close();
  });

  it("keeps stdout and stderr apart and ends them when the process does", async () => {
    const uris = { ...none, stdout: fifo("out"), stderr: fifo("err") };
    const [out, err] = [
      client(uris.stdout, O_RDONLY | O_NONBLOCK),
      client(uris.stderr, O_RDONLY | O_NONBLOCK),
    ];
    const stdio = await openStdio(uris);
    expect(await run(stdio, "echo one; echo two >&2")).toBe(0);
    expect([readNow(out), readNow(err)]).toEqual(["one\n", "two\n"]);
    expect([readNow(out), readNow(err)]).toEqual(["", ""]);
    stdio.close();
  });

  it("waits for the client's reader before the process may write", async () => {
    const uris = { ...none, stdout: fifo("out") };
    const opening = openStdio(uris);
    let opened = false;
    void opening.then(() => {
      opened = true;
    });
    await delay(30);
    expect(opened).toBe(false);
    client(uris.stdout, O_RDONLY | O_NONBLOCK);
    (await opening).close();
  });

  it("gives a client a writer before it has opened all that it reads", async () => {
    const uris = { ...none, stdout: fifo("out"), stderr: fifo("err") };
    const stdio = await Stdio.open(uris, owner);
    expect(hasWriter(client(uris.stderr, O_RDONLY | O_NONBLOCK))).toBe(true);
    stdio.close();
  });

  it.each(["is taken away", "is given up"])("waits no longer when a client's output %s", async (how) => {
    const before = readdirSync("/proc/self/fd").length;
    const uris = { ...none, stdout: fifo("out"), stderr: fifo("err") };
    const givenUp = new AbortController();
    const opening = openStdio(uris, givenUp.signal);
    if (how === "is given up") givenUp.abort(new Error("nobody waits"));
    else rmSync(uris.stderr);
    await expect(opening).rejects.toThrow(how === "is given up" ? "nobody waits" : "no such file");
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });

  it("waits for no client when the other output cannot be opened", async () => {
    const before = readdirSync("/proc/self/fd").length;
    const uris = { ...none, stdout: fifo("out"), stderr: join(folder, "nowhere") };
    await expect(openStdio(uris)).rejects.toMatchObject({ code: Code.notFound });
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });

  it("keeps what is written while no client reads, for the next that attaches", async () => {
    const uris = { ...none, stdout: fifo("out") };
    const first = openSync(uris.stdout, O_RDONLY | O_NONBLOCK);
    const stdio = await openStdio(uris);
    closeSync(first);
    expect(await run(stdio, "echo kept")).toBe(0);
    expect(readNow(client(uris.stdout, O_RDONLY | O_NONBLOCK))).toBe("kept\n");
    stdio.close();
  });

  it("ends stdin when both the client and CloseIO have closed it, in this order and the other", async () => {
    for (const clientFirst of [true, false]) {
      const uris = { ...none, stdin: fifo(`in-${clientFirst}`) };
      const stdio = await openStdio(uris);
      let ended = false;
      const child = run(stdio, `cat ${stdio.input?.path} > ${folder}/copy`).then(() => {
        ended = true;
      });
      const writer = openSync(uris.stdin, O_WRONLY);
      stdio.input?.keep();
      writeSync(writer, "text");
      if (clientFirst) closeSync(writer);
      else stdio.closeStdin();
      await delay(30);
      expect(ended).toBe(false);
      if (clientFirst) stdio.closeStdin();
      else closeSync(writer);
      await child;
      expect(readFileSync(join(folder, "copy"), "utf8")).toBe("text");
      stdio.close();
    }
  });

  it("holds stdin open before the process has opened it, until CloseIO and the client's end", async () => {
    const uris = { ...none, stdin: fifo("in") };
    const stdio = await openStdio(uris);
    const letGo = stdio.input?.hold();
    const writer = openSync(uris.stdin, O_WRONLY | O_NONBLOCK);
    writeSync(writer, "text");
    closeSync(writer);
    const reader = client(uris.stdin, O_RDONLY | O_NONBLOCK);
    letGo?.();
    expect(readNow(reader)).toBe("text");
    expect(hasWriter(reader)).toBe(true);
    stdio.closeStdin();
    expect(hasWriter(reader)).toBe(false);
  });

  it("keeps no stdin open that CloseIO has closed, or that is a process's no more", async () => {
    for (const close of ["closeStdin", "close"] as const) {
      const uris = { ...none, stdin: fifo(`in-${close}`) };
      const stdio = await openStdio(uris);
      const reader = client(uris.stdin, O_RDONLY | O_NONBLOCK);
      await stdio[close]();
      stdio.input?.keep();
      expect(readNow(reader)).toBe("");
      stdio.close();
    }
  });

  it("appends both streams to the file of a file URI and makes its folder", async () => {
    const path = join(folder, "a b/log");
    const uri = `file://${encodeURI(path)}`;
    const stdio = await openStdio({ ...none, stdout: uri, stderr: uri });
    expect(await run(stdio, "echo one; echo two >&2")).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    stdio.close();
  });

  it.each([
    [
      "a fifo that is not there",
      "/nowhere/fifo",
      Code.notFound,
      "open /nowhere/fifo: no such file or directory",
    ],
    ["an unknown scheme", "gopher://x", Code.invalidArgument, 'stdio gopher://x: unknown scheme "gopher"'],
    ["a relative path", "fifo", Code.invalidArgument, "stdio fifo: path is not absolute"],
    [
      "a malformed escape",
      "file:///a%zz",
      Code.invalidArgument,
      'stdio file:///a%zz: malformed escape in "/a%zz"',
    ],
  ])("refuses %s", async (_name, stdout, code, message) => {
    await expect(openStdio({ ...none, stdout })).rejects.toMatchObject({ code, message });
  });

  it("refuses a file where a fifo is meant, and leaves nothing open", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    const before = readdirSync("/proc/self/fd").length;
    await expect(openStdio({ ...none, stdin: fifo("in"), stdout: path })).rejects.toMatchObject({
      message: `open ${path}: not a fifo`,
    });
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});
