import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import { LoggingProgram } from "../../src/io/logging_program.ts";
import { Stdio } from "../../src/io/stdio.ts";
import { type LoggerUri, parseStdioUri } from "../../src/io/uri.ts";
import { eventually } from "./eventually.ts";
import { launcher } from "./launcher_under_test.ts";

let folder: string;
let log: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-logger-"));
  log = [];
  process.env["RUND_LIBEXEC"] = dirname(launcher);
});

afterEach(() => {
  delete process.env["RUND_LIBEXEC"];
  rmSync(folder, { recursive: true });
});

function owner() {
  const add = (text: string) => void log.push(text);
  return {
    id: "c1",
    namespace: "ns",
    folder,
    logger: { debug: add, info: add, warn: add, error: add },
  };
}

/** A program that logs by a shell script, as a URI. */
function program(script: string, scheme = "binary", query = ""): string {
  const path = join(folder, "logger");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return `${scheme}://${path}${query}`;
}

function open(uri: string, stderr = uri): Promise<Stdio> {
  return Stdio.open({ stdin: "", stdout: uri, stderr, terminal: false }, owner());
}

function start(stdio: Stdio, script: string): ChildProcess {
  const child = spawn("/bin/sh", ["-c", script], { stdio: [...stdio.descriptors] });
  stdio.handOver();
  return child;
}

/** Runs a script as the process whose output is logged, to the end of both. */
async function run(stdio: Stdio, script: string): Promise<void> {
  await once(start(stdio, script), "exit");
  await stdio.close();
}

const text = (name: string) => readFileSync(join(folder, name), "utf8");
const openDescriptors = () => readdirSync("/proc/self/fd").length;
/** The runtime closes its own end of a pipe in a later turn. */
const expectNoMoreDescriptors = (before: number) => eventually(() => openDescriptors() <= before);
/** Copies both pipes to files. */
const copy = 'd=$(dirname "$0"); cat <&3 >"$d/out" & cat <&4 >"$d/err" & wait';

describe("a logging program", () => {
  it("gets the query as arguments, two variables, the two pipes and nothing else", async () => {
    const script = `cd "$(dirname "$0")"; printf '<%s>' "$@" >args; readlink /proc/$$/fd/* >fds; env | grep CONTAINER | sort >env; exec 5>&-; ${copy}`;
    const stdio = await open(program(script, "binary", "?b=two%20words&a=x+y&c"));
    await run(stdio, "echo one; echo two >&2");
    expect(text("args")).toBe("<b><two words><a><x y><c><>");
    expect(text("env")).toBe("CONTAINER_ID=c1\nCONTAINER_NAMESPACE=ns\n");
    expect(text("fds").match(/^\S*pipes-.*$/gm)?.length).toBe(2);
    expect([text("out"), text("err")]).toEqual(["one\n", "two\n"]);
    expect(log).toEqual([]);
  });

  it("reads from pipes that the process can also open again", async () => {
    const stdio = await open(program(`exec 5>&-; ${copy}`));
    await run(stdio, "test -p /proc/self/fd/1 && echo pipe; echo again >/dev/stderr");
    expect([text("out"), text("err")]).toEqual(["pipe\n", "again\n"]);
  });

  it("takes both streams where a client names stdout alone", async () => {
    await run(await open(program(`exec 5>&-; ${copy}`), ""), "echo one; echo two >&2");
    expect([text("out"), text("err")]).toEqual(["one\n", "two\n"]);
  });

  it("takes one stream where the other goes elsewhere", async () => {
    const stdio = await open(program(`exec 5>&-; ${copy}`), `file://${folder}/file`);
    await run(stdio, "echo one; echo two >&2");
    expect([text("out"), text("err"), text("file")]).toEqual(["one\n", "", "two\n"]);
  });

  it("of version 2 is ready once it has written a byte", async () => {
    const stdio = await open(program(`touch "$(dirname "$0")/seen"; echo >&5; ${copy}`, "binary-v2"));
    expect(existsSync(join(folder, "seen"))).toBe(true);
    await run(stdio, "echo one");
    expect(text("out")).toBe("one\n");
  });
});

describe("a logging program that fails", () => {
  it.each([
    ["is not there", "binary:///nowhere/logger", Code.notFound, "no such file or directory"],
    ["is no program", "binary:///etc/passwd", Code.permissionDenied, "permission denied"],
    ["lies behind a file", "binary:///etc/passwd/x", Code.invalidArgument, "not a directory"],
  ])("because it %s is refused", async (_name, uri, code, reason) => {
    const before = openDescriptors();
    await expect(open(uri)).rejects.toMatchObject({ code, message: `stdio ${uri}: ${reason}` });
    await expectNoMoreDescriptors(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("of version 2 is refused when it ends before it was ready", async () => {
    const uri = program("exit 1", "binary-v2");
    const before = openDescriptors();
    await expect(open(uri)).rejects.toMatchObject({
      code: Code.failedPrecondition,
      message: `stdio ${uri}: ended before it was ready: it has to write a byte to descriptor 5`,
    });
    await expectNoMoreDescriptors(before);
    expect(log).toEqual([]);
  });

  it("is ended and refused when it never gets ready", async () => {
    const uri = parseStdioUri(program(`echo $$ >"$(dirname "$0")/pid"; exec sleep 60`)) as LoggerUri;
    const before = openDescriptors();
    const deadlines = { ready: 300, rest: 100, terminate: 100 };
    await expect(LoggingProgram.start(uri, [1, 2], owner(), deadlines)).rejects.toMatchObject({
      code: Code.deadlineExceeded,
      message: `stdio ${uri.text}: not ready after 300 ms: it has to close descriptor 5`,
    });
    await eventually(() => !existsSync(`/proc/${text("pid").trim()}`));
    await expectNoMoreDescriptors(before);
  });

  it("by dying does not stop a process that writes on", async () => {
    const uri = program("exec 5>&-; head -c 5 <&3 >/dev/null; exit 7");
    await run(await open(uri), `echo first; head -c 3000000 /dev/zero; echo >&2; echo done >${folder}/done`);
    expect(text("done")).toBe("done\n");
    expect(log).toEqual([
      `stdio ${uri}: logging program ended with status 7; what c1 writes from now on is lost`,
    ]);
  });

  it("by not ending is told to, and then killed", async () => {
    const uri = parseStdioUri(
      program(`trap 'touch "$(dirname "$0")/told"' TERM; exec 5>&-; while :; do sleep 0.05; done`),
    );
    const deadlines = { ready: 5_000, rest: 50, terminate: 500 };
    const logger = await LoggingProgram.start(uri as LoggerUri, [1, 2], owner(), deadlines);
    const stdio = logger.takeEnds();
    expect(stdio.length).toBe(2);
    for (const end of stdio) closeSync(end);
    await logger.close();
    expect(existsSync(join(folder, "told"))).toBe(true);
    expect(log).toEqual([`stdio ${(uri as LoggerUri).text}: does not end at SIGTERM, killing it`]);
  });
});
