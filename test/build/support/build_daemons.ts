import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { BuildkitDaemon, type BuildkitOptions } from "../../harness/buildkit_daemon.ts";
import { Buildx } from "../../harness/buildx.ts";
import { runcRuntime } from "../../harness/ctr.ts";
import { Daemons } from "../../harness/daemons.ts";
import { RegistryDaemon } from "../../harness/registry_daemon.ts";
import type { MountDriverName } from "../../harness/shared_daemons.ts";
import type { ProvidedBuilds, ProvidedWay } from "./provided_ways.ts";

/** Every way there is; `RUND_BUILD_WAYS` names those of a run, with spaces between. */
const wayNames = [
  ...(["shim-kernel", "shim-bindfs", "docker-kernel", "docker-bindfs"] as const),
  ...(["runc", "docker-runc"] as const),
];
type WayName = (typeof wayNames)[number];
const usualWays: readonly WayName[] = ["shim-kernel", "shim-bindfs", "docker-kernel", "docker-bindfs"];

/** dockerd's own BuildKit gives steps a network of docker's unless it is told so. */
const hostNetwork = ["--network=host"];

/** The daemons of the run: for each mount driver containerd and dockerd, with the builders on them, and one registry. */
export class BuildDaemons {
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #daemons = new Map<string, Daemons>();
  #registry = "";
  #yardstick: ProvidedWay | undefined;

  /** Starts those that the named ways need. */
  async start(): Promise<ProvidedBuilds> {
    const kernel = await this.#of("kernel");
    const registry = await RegistryDaemon.start(`${kernel.folder}/registry`);
    this.#stops.push(() => registry.stop());
    this.#registry = registry.address;
    const yardstick = await this.#buildkit("runc", "kernel", { runtime: runcRuntime });
    this.#yardstick = yardstick;
    const ways: ProvidedWay[] = [];
    for (const name of namedWays()) ways.push(await this.#way(name));
    const rootfsArchive = `${kernel.folder}/rootfs.tar`;
    await execa("tar", [
      "-C",
      kernel.rootfs,
      "--sort=name",
      "--mtime=@1767225600",
      "-cf",
      rootfsArchive,
      ".",
    ]);
    const { program, socket } = kernel.docker;
    const docker = { program, socket, settings: `${kernel.folder}/client` };
    return { ways, yardstick, docker, folder: kernel.folder, rootfsArchive, registry: registry.address };
  }

  /** Stops them, the last one first. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop();
  }

  async #way(name: WayName): Promise<ProvidedWay> {
    switch (name) {
      case "shim-kernel":
        return this.#buildkit(name, "kernel", {});
      case "shim-bindfs":
        // As on a Mac: no layers of the kernel's, each snapshot is a whole copy.
        return this.#buildkit(name, "bindfs", { snapshotter: "native" });
      case "docker-kernel":
        return this.#dockerd(name, "kernel");
      case "docker-bindfs":
        return this.#dockerd(name, "bindfs");
      case "runc":
        return this.#yardstick ?? this.#buildkit(name, "kernel", { runtime: runcRuntime });
      case "docker-runc":
        return this.#dockerd(name, "kernel", "runc");
    }
  }

  /** The daemons for one driver. dockerd's own builds run their steps by rund's command line, or by runc. */
  async #of(driver: MountDriverName, builds: "rund" | "runc" = "rund"): Promise<Daemons> {
    const key = `${driver} ${builds}`;
    const known = this.#daemons.get(key);
    if (known !== undefined) return known;
    const lookups = driver === "bindfs" ? { RUND_DNS_SOCKET: await this.#lookups() } : {};
    const env = { RUND_MOUNT_DRIVER: driver, ...lookups };
    // With containerd's store, docker keeps images of several platforms.
    const daemons = await Daemons.start({ storage: "overlayfs", env, ...(builds === "rund" && { builds }) });
    this.#stops.push(() => daemons.stop());
    this.#daemons.set(key, daemons);
    return daemons;
  }

  /** As on a Mac, each step has a relay of lookups, here to a service that knows nothing. */
  async #lookups(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "rund-lookups-"));
    const server = createServer((connection) => connection.end()).listen(join(folder, "service.sock"));
    await once(server, "listening");
    this.#stops.push(async () => {
      server.close();
      await rm(folder, { recursive: true });
    });
    return join(folder, "service.sock");
  }

  async #dockerd(name: WayName, driver: MountDriverName, builds?: "rund" | "runc"): Promise<ProvidedWay> {
    const daemons = await this.#of(driver, builds);
    const client = await Buildx.open({ ...daemons.docker.env, BUILDX_BUILDER: "default" });
    return provided(name, driver, daemons, client, hostNetwork, daemons.dockerd.daemon.command.logFile);
  }

  async #buildkit(
    name: WayName,
    driver: MountDriverName,
    options: Partial<BuildkitOptions>,
  ): Promise<ProvidedWay> {
    const daemons = await this.#of(driver);
    const buildkitd = await BuildkitDaemon.start({
      folder: `${daemons.folder}/${name}`,
      containerd: daemons.containerd,
      snapshotter: "overlayfs",
      registries: [this.#registry],
      ...options,
    });
    this.#stops.push(() => buildkitd.stop());
    const client = await buildkitd.buildx();
    return provided(name, driver, daemons, client, [], buildkitd.daemon.command.logFile);
  }
}

function provided(
  name: WayName,
  driver: MountDriverName,
  { folder, containerd }: Daemons,
  { program, env }: Pick<Buildx, "program" | "env">,
  flags: readonly string[],
  log: string,
): ProvidedWay {
  const { address, tools, daemon } = containerd;
  const logs = [daemon.command.logFile, log];
  return { name, driver, program, env, flags, folder, ctr: tools.ctr, address, logs };
}

function namedWays(): readonly WayName[] {
  const names = process.env["RUND_BUILD_WAYS"]?.split(" ") ?? usualWays;
  return names.map((name) => {
    const known = wayNames.find((way) => way === name);
    if (known === undefined) throw new Error(`RUND_BUILD_WAYS: ${name}: there are ${wayNames.join(", ")}`);
    return known;
  });
}
