import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { checkSocketPath, maxSocketPathBytes } from "../../../src/ttrpc/socket_path.ts";
import { afterTest, socketPath } from "./fixture.ts";

const refused = expect.objectContaining({ code: Code.invalidArgument });

describe("checkSocketPath", () => {
  test("counts bytes, not characters", () => {
    const path = `/${"ü".repeat(maxSocketPathBytes / 2)}`;
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(maxSocketPathBytes);
    checkSocketPath(path);
    expect(() => checkSocketPath(`${path}ü`)).toThrow(/socket path too long \(\d+ bytes, at most \d+\)/);
  });

  test("refuses paths that no socket can have", () => {
    expect(() => checkSocketPath("")).toThrow(refused);
    expect(() => checkSocketPath("/a\0b")).toThrow(refused);
    expect(() => checkSocketPath("/".padEnd(maxSocketPathBytes + 1, "x"))).toThrow(refused);
  });

  test("lets the longest path pass, and a socket really works there", async () => {
    const dir = dirname(socketPath());
    const path = `${join(dir, "x")}`.padEnd(maxSocketPathBytes, "x");
    checkSocketPath(path);
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    afterTest(() => void server.close());
    const socket = connect({ path });
    afterTest(() => void socket.destroy());
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  });
});
