import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { socketPath } from "../../../src/shim/socket_address.ts";

it("derives the socket as containerd does: SHA-256 of address, namespace and id joined as a path", () => {
  const digest = createHash("sha256").update("/run/containerd/containerd.sock/default/a").digest("hex");
  const folder = process.platform === "darwin" ? "/var/run/containerd/s" : "/run/containerd/s";
  expect(socketPath("/run/containerd/containerd.sock", "default", "a")).toBe(`${folder}/${digest}`);
  expect(socketPath("/run/containerd//containerd.sock", "default", "a")).toBe(`${folder}/${digest}`);
});
