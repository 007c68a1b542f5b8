import { spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { execa } from "execa";
import { beforeAll, expect, it, vi } from "vitest";
import { Daemons } from "../harness/daemons.ts";
import { shared } from "../harness/shared.ts";

const { mountDriver } = shared();

/** Daemons with docker's bridge, in a network namespace that they take for the host's. */
let world: Daemons;
let links: () => Promise<string>;

beforeAll(async () => {
  const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
  await once(holder, "spawn");
  const network = `/proc/${holder.pid}/ns/net`;
  const own = readlinkSync("/proc/self/ns/net");
  await vi.waitUntil(() => readlinkSync(network) !== own, { timeout: 20_000 });
  world = await Daemons.start({ network, env: { RUND_MOUNT_DRIVER: mountDriver } });
  links = async () => (await execa("nsenter", [`--net=${network}`, "ip", "-oneline", "address"])).stdout;
  return async () => {
    await world.stop();
    holder.kill("SIGKILL");
  };
});

it("has docker's bridge", async () => {
  expect(await links()).toContain("docker0");
  const { stdout } = await world.docker.runContainer(["cat", "/proc/net/dev"]);
  expect(stdout).toContain("docker0");
});

it.each([
  ["the default", "", []],
  ["a published port", "bridge", ["-p", "127.0.0.1:4711:80"]],
  ["a network of the user's", "private", ["--network-alias", "web"]],
])("%s is refused, and docker takes back what it had prepared", async (_name, network, flags) => {
  if (network === "private") await world.docker.ok(["network", "create", network]);
  const before = await links();
  const result = await world.docker.runContainer(["true"], { network, flags });
  expect(result.exitCode).toBe(125);
  expect(result.stderr).toMatch(/use --network host/);
  await expect.poll(links, { timeout: 20_000 }).toBe(before);
});
