import { readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

const refusal = /jails share the host's network.*use --network host/;

describe("a network that docker would set up is refused at once", () => {
  it.each([
    ["the default", "", []],
    ["bridge", "bridge", []],
    ["none", "none", []],
    ["bridge with a port", "bridge", ["-p", "127.0.0.1:4711:80"]],
  ])("%s", async (_name, network, flags) => {
    const before = hostNetwork();
    const result = await docker.runContainer(["true"], { network, flags });
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toMatch(refusal);
    expect(result.milliseconds).toBeLessThan(20_000);
    expect(hostNetwork()).toEqual(before);
    expect((await docker.ok(["ps", "--all", "--quiet"])).stdout).toBe("");
  });

  it("and the container stays created until it is removed", async () => {
    const container = await DockerContainer.create(docker, ["true"], { network: "none" });
    const result = await docker.run(["start", container.id]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(refusal);
    expect(await container.state()).toMatchObject({ Status: "created", Running: false, Pid: 0 });
    await docker.ok(["rm", container.id]);
  });
});

describe("--network host", () => {
  it("is the host's own", async () => {
    const before = hostNetwork();
    const { stdout } = await docker.runContainer(["cat", "/proc/net/dev"]);
    expect(interfaceNames(stdout)).toEqual(interfaceNames(readFileSync("/proc/net/dev", "utf8")));
    expect(hostNetwork()).toEqual(before);
  });

  it("lets the host reach a server in the jail", async () => {
    const port = await freePort();
    const server = `nc -l -p ${port} -e echo hello`;
    const container = await DockerContainer.start(docker, ["sh", "-c", server]);
    await expect.poll(() => readAll(port), { timeout: 20_000 }).toBe("hello\n");
    expect(await container.wait()).toBe(0);
  });

  it("can be another container's", async () => {
    const container = await DockerContainer.start(docker, ["sleep", "1000"]);
    const network = `container:${container.id}`;
    const result = await docker.runContainer(["cat", "/proc/net/dev"], { network });
    expect(result.exitCode).toBe(0);
    expect(interfaceNames(result.stdout)).toEqual(interfaceNames(readFileSync("/proc/net/dev", "utf8")));
  });
});

/** The host's interfaces, routes and network settings; without counters, which change by themselves. */
function hostNetwork(): Record<string, unknown> {
  const links = readdirSync("/sys/class/net").map((name) => {
    return ["flags", "mtu", "address", "operstate"].map((file) => [
      name,
      file,
      read(`/sys/class/net/${name}/${file}`),
    ]);
  });
  return {
    links,
    addresses: networkInterfaces(),
    routes: read("/proc/net/route"),
    settings: settings("/proc/sys/net"),
  };
}

function settings(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return settings(path);
    return entry.name.endsWith("conntrack_count") ? [] : [[path, read(path)]];
  });
}

/** Some settings can only be written. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** The names in a text as /proc/net/dev has it. */
function interfaceNames(text: string): string[] {
  return [...text.matchAll(/^\s*([^\s:]+):/gm)].map(([, name = ""]) => name).toSorted();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** What a server on the loopback says before it closes; "" when nobody listens. */
function readAll(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1").setEncoding("utf8");
    socket.on("data", (data: string) => {
      text += data;
    });
    socket.on("error", () => resolve(text)).on("close", () => resolve(text));
  });
}
