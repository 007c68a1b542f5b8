import { describe, expect, it } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { type Logger, silentLogger } from "../../../src/common/log.ts";
import { assertHostNetwork } from "../../../src/oci/network.ts";
import type { Mount, Spec } from "../../../src/oci/spec.ts";

const files = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"];

/** What every docker container has, whatever its network is. */
const dockerFiles = files.map((destination) =>
  bind(destination, `/var/lib/docker/containers/1${destination}`),
);
/** BuildKit binds no host name. */
const buildkitFiles = [bind("/etc/resolv.conf", "/r/resolv.conf"), bind("/etc/hosts", "/r/hosts")];
const setKey = [
  { path: "/proc/712/exe", args: ["libnetwork-setkey", "-exec-root=/var/run/docker", "1", "2"] },
];

describe("a private network that a client would set up is refused", () => {
  it.each([
    ["docker 28, bridge and none", spec({ mounts: dockerFiles })],
    ["docker 26, bridge and none", spec({ mounts: dockerFiles, hooks: { prestart: setKey } })],
    ["docker 26 without a default bridge", spec({ mounts: dockerFiles })],
    ["docker's BuildKit in 26", spec({ mounts: buildkitFiles, hooks: { prestart: setKey } })],
    ["nerdctl", spec({ mounts: dockerFiles, hooks: { createRuntime: [{ path: "/bin/nerdctl" }] } })],
    ["a namespace made before, as CNI plugins do", spec({ mounts: [] }, "/var/run/netns/cni-1")],
    ["another process's namespace", spec({ mounts: dockerFiles }, "/proc/1/root")],
  ])("%s", (_client, document) => {
    const expected = {
      code: Code.failedPrecondition,
      message: expect.stringContaining("use --network host"),
    };
    expect(() => assertHostNetwork(document, silentLogger)).toThrow(expect.objectContaining(expected));
  });
});

describe("a private network that nobody would set up is left out with a note", () => {
  it.each([
    ["ctr run", spec({ mounts: [{ destination: "/proc", type: "proc", source: "proc" }] })],
    ["BuildKit's RUN --network=none", spec({ mounts: buildkitFiles })],
    ["hooks that have to do with devices", spec({ hooks: { createContainer: [{ path: "/bin/cdi" }] } })],
    ["empty lists of hooks", spec({ hooks: { prestart: [] } })],
    ["a path that was left empty", spec({}, "")],
  ])("%s", (_client, document) => {
    expect(notesOf(document)).toEqual([expect.stringMatching(/^network: .*host's/)]);
  });
});

describe("the host's network is taken without a word", () => {
  it.each([
    ["docker run --network host", { ociVersion: "1.2.0", mounts: dockerFiles, linux: { namespaces: [] } }],
    ["a Darwin spec", { ociVersion: "1.2.0", mounts: dockerFiles }],
    ["docker run --network container:JAIL", spec({ mounts: dockerFiles }, "/proc/self/ns/net")],
  ])("%s", (_client, document) => {
    expect(notesOf(document)).toEqual([]);
  });
});

function spec(parts: Partial<Spec>, path?: string): Spec {
  const network = { type: "network", ...(path !== undefined && { path }) };
  return { ociVersion: "1.2.0", ...parts, linux: { namespaces: [{ type: "mount" }, network] } };
}

function bind(destination: string, source: string): Mount {
  return { destination, source, type: "bind", options: ["rbind", "rprivate"] };
}

function notesOf(document: Spec): string[] {
  const notes: string[] = [];
  const note = (message: string): void => void notes.push(message);
  const logger: Logger = { ...silentLogger, info: note, warn: note, error: note };
  assertHostNetwork(document, logger);
  return notes;
}
