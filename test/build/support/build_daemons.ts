import { execa } from "execa";
import { BuildkitDaemon, type BuildkitOptions } from "../../harness/buildkit_daemon.ts";
import { runcRuntime } from "../../harness/ctr.ts";
import { Daemons } from "../../harness/daemons.ts";
import { RegistryDaemon } from "../../harness/registry_daemon.ts";
import type { MountDriverName } from "../../harness/shared_daemons.ts";
import type { ProvidedBuilds, ProvidedWay } from "./provided_ways.ts";

type Stop = () => Promise<void>;

/** The daemons of the run: for each mount driver a containerd, with the builders on it, and one registry. */
export class BuildDaemons {
  readonly #stops: Stop[] = [];
  #registry = "";

  /** Starts those that the named ways need. */
  async start(names: readonly string[]): Promise<ProvidedBuilds> {
    const kernel = await this.#containerd("kernel");
    const registry = await RegistryDaemon.start(`${kernel.folder}/registry`);
    this.#stops.push(() => registry.stop());
    this.#registry = registry.address;
    const yardstick = await this.#buildkit("runc", kernel, "kernel", { runtime: runcRuntime });
    const ways: ProvidedWay[] = [];
    for (const name of names) ways.push(await this.#way(name, kernel, yardstick));
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
    return { ways, yardstick, folder: kernel.folder, rootfsArchive, registry: registry.address };
  }

  /** Stops them, the last one first. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop();
  }

  async #way(name: string, kernel: Daemons, yardstick: ProvidedWay): Promise<ProvidedWay> {
    switch (name) {
      case "shim-kernel":
        return this.#buildkit(name, kernel, "kernel", {});
      case "shim-bindfs":
        // As on a Mac: no layers of the kernel's, each snapshot is a whole copy.
        return this.#buildkit(name, await this.#containerd("bindfs"), "bindfs", { snapshotter: "native" });
      case "runc":
        return yardstick;
      default:
        throw new Error(`RUND_BUILD_WAYS: ${name}: there are ${wayNames.join(", ")}`);
    }
  }

  async #containerd(driver: MountDriverName): Promise<Daemons> {
    const daemons = await Daemons.start({ docker: false, env: { RUND_MOUNT_DRIVER: driver } });
    this.#stops.push(() => daemons.stop());
    return daemons;
  }

  async #buildkit(
    name: string,
    daemons: Daemons,
    driver: MountDriverName,
    options: Partial<BuildkitOptions>,
  ): Promise<ProvidedWay> {
    const { containerd } = daemons;
    const folder = `${daemons.folder}/${name}`;
    const buildkitd = await BuildkitDaemon.start({
      folder,
      containerd,
      snapshotter: "overlayfs",
      registries: [this.#registry],
      ...options,
    });
    this.#stops.push(() => buildkitd.stop());
    const { program, env } = await buildkitd.buildx();
    return {
      name,
      driver,
      docker: program,
      settings: `${folder}/client`,
      env,
      flags: [],
      folder: daemons.folder,
      ctr: containerd.tools.ctr,
      address: containerd.address,
      logs: [containerd.daemon.command.logFile, buildkitd.daemon.command.logFile],
    };
  }
}

/** Every way there is; `RUND_BUILD_WAYS` names those of a run, with spaces between. */
export const wayNames = ["shim-kernel", "shim-bindfs", "runc"];
export const usualWays = ["shim-kernel", "shim-bindfs"];
