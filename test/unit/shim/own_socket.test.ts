import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseShimArguments } from "../../../src/shim/arguments.ts";
import { OwnSocket, removeSocketOf } from "../../../src/shim/own_socket.ts";
import { socketPath } from "../../../src/shim/socket_address.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "socket-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A socket that is listened on until the test is over. */
async function listen(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
  });
}

describe("OwnSocket", () => {
  it("removes its file", async () => {
    const path = join(temporaryFolder(), "s");
    await listen(path);
    new OwnSocket(path).remove();
    expect(existsSync(path)).toBe(false);
  });

  it("leaves the file of a later shim", async () => {
    const path = join(temporaryFolder(), "s");
    await listen(path);
    const socket = new OwnSocket(path);
    rmSync(path);
    await listen(path);
    socket.remove();
    expect(existsSync(path)).toBe(true);
  });
});

describe("removeSocketOf", () => {
  const args = parseShimArguments(["-namespace", "n", "-address", "/c.sock", "-id", "a", "delete"]);

  /** A bundle whose address file names a socket of the given file name. */
  function bundleWith(name: string): { bundle: string; path: string } {
    const bundle = temporaryFolder();
    const path = join(bundle, name.slice(0, 64));
    writeFileSync(join(bundle, "address"), `unix://${path}`);
    return { bundle, path };
  }

  it("removes the container's own socket, served or not", async () => {
    const { bundle, path } = bundleWith(socketPath("/c.sock", "n", "a", ""));
    await listen(path);
    await removeSocketOf(bundle, args);
    expect(existsSync(path)).toBe(false);
  });

  it("leaves a shared socket that is served", async () => {
    const { bundle, path } = bundleWith("of-a-group");
    await listen(path);
    await removeSocketOf(bundle, args);
    expect(existsSync(path)).toBe(true);
  });

  it("removes nothing that is no socket, and bears that nothing is there", async () => {
    const { bundle, path } = bundleWith("a-file");
    await removeSocketOf(bundle, args);
    writeFileSync(path, "");
    await removeSocketOf(bundle, args);
    expect(existsSync(path)).toBe(true);
  });
});
