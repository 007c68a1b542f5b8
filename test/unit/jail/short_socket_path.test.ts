import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shortSocketPath } from "../../../src/jail/short_socket_path.ts";
import { maxSocketPathBytes } from "../../../src/ttrpc/socket_path.ts";

let folder: string;
let socket: string;
let server: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rund-short-"));
  const long = join(folder, "l".repeat(120));
  mkdirSync(long);
  socket = join(long, "gate");
  server = createServer((connection) => connection.end("reached"));
  // Node listens where it is told only while the path is short.
  const way = shortSocketPath(socket, "darwin");
  server.listen(way?.path);
  await once(server, "listening");
  way?.close();
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe.each(["linux", "darwin"] as const)("a short way to a socket on %s", (system) => {
  it("leads there, and leaves nothing", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("rund-"));
    const way = shortSocketPath(socket, system);
    expect(Buffer.byteLength(way?.path ?? socket)).toBeLessThanOrEqual(maxSocketPathBytes);
    const connection = connect(way?.path ?? "");
    const [text] = await once(connection, "data");
    expect(String(text)).toBe("reached");
    way?.close();
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith("rund-"));
    expect(after.filter((name) => !before.includes(name) && /^rund-\w{6}$/.test(name))).toEqual([]);
  });
});

it("is the path itself on macOS where that is short", () => {
  expect(shortSocketPath("/var/run/rund/c/gate", "darwin")?.path).toBe("/var/run/rund/c/gate");
});
