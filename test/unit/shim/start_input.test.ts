import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readStartInput } from "../../../src/shim/start_input.ts";

/** So long that a test which waits for it fails. */
const forEver = 60_000;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "input-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function open(path: string, flags: number): number {
  const descriptor = openSync(path, flags);
  onTestFinished(() => {
    try {
      closeSync(descriptor);
    } catch {}
  });
  return descriptor;
}

/** Both ends of a pipe; `flags` for the reading one. */
function pipe(flags = 0): { reader: number; writer: number } {
  const path = join(folder(), "pipe");
  execFileSync("mkfifo", [path]);
  const first = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = open(path, constants.O_WRONLY);
  const reader = open(path, constants.O_RDONLY | flags);
  closeSync(first);
  return { reader, writer };
}

describe("readStartInput", () => {
  it.each([
    ["blocking", 0],
    ["non-blocking", constants.O_NONBLOCK],
  ])("reads a %s pipe to its end, in however many pieces", async (_kind, flags) => {
    const { reader, writer } = pipe(flags);
    const input = readStartInput(reader, forEver);
    writeSync(writer, "first ");
    setTimeout(() => {
      writeSync(writer, "second");
      closeSync(writer);
    }, 20);
    expect((await input).toString()).toBe("first second");
  });

  it("has what came when the end does not come", async () => {
    const { reader, writer } = pipe();
    writeSync(writer, "whole message");
    const input = await readStartInput(reader, 50);
    expect(input.toString()).toBe("whole message");
    closeSync(writer);
  });

  it("does not wait long for a pipe that says nothing", async () => {
    const { reader, writer } = pipe();
    expect(await readStartInput(reader, 50)).toHaveLength(0);
    closeSync(writer);
  });

  it("takes nothing from /dev/null and from a closed descriptor, at once", async () => {
    expect(await readStartInput(open("/dev/null", constants.O_RDONLY), forEver)).toHaveLength(0);
    expect(await readStartInput(99_999, forEver)).toHaveLength(0);
  });

  it("does not read a device that never ends", async () => {
    expect(await readStartInput(open("/dev/zero", constants.O_RDONLY), forEver)).toHaveLength(0);
  });

  it("reads a file", async () => {
    const path = join(folder(), "input");
    writeFileSync(path, "in a file");
    expect((await readStartInput(open(path, constants.O_RDONLY), forEver)).toString()).toBe("in a file");
  });
});
