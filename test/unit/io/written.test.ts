import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isWritten, markUnwritten } from "../../../src/io/written.ts";

let folder: string;
let fifo: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-written-"));
  execFileSync("mkfifo", [join(folder, "fifo")]);
  fifo = openSync(join(folder, "fifo"), constants.O_RDWR | constants.O_NONBLOCK);
});

afterEach(() => {
  closeSync(fifo);
  rmSync(folder, { recursive: true });
});

it("a fifo that was marked counts as unwritten until the first byte, even right after", () => {
  markUnwritten(fifo);
  expect(isWritten(fifo)).toBe(false);
  writeSync(fifo, "x");
  expect(isWritten(fifo)).toBe(true);
});

it("a fifo that was never marked counts as written", () => {
  expect(isWritten(fifo)).toBe(true);
});
