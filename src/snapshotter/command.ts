import { join } from "node:path";
import type { CommandModule } from "yargs";
import { platform } from "../platform/platform.ts";
import type { LogLevel } from "./logger.ts";

interface SnapshotterOptions {
  readonly root: string;
  readonly address: string;
  readonly containerd: string;
  readonly "log-level": LogLevel;
}

const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** `rund snapshotter`, also by the name of `rund-snapshotter`. */
export const snapshotterCommand: CommandModule<object, SnapshotterOptions> = {
  command: "snapshotter",
  describe: "Serve copy-on-write snapshots to containerd, as one of its proxy plugins",
  builder: (yargs) =>
    yargs.options({
      root: {
        type: "string",
        default: "/var/lib/rund/snapshotter",
        describe: "Folder for the snapshots; APFS, btrfs and xfs share their content",
      },
      address: {
        type: "string",
        default: join(platform().runtimeDirectory, "snapshotter.sock"),
        describe: "Socket to serve on, for proxy_plugins in containerd's configuration",
      },
      containerd: {
        type: "string",
        default: "/run/containerd/containerd.sock",
        describe: "Socket of the containerd whose content store takes layers",
      },
      "log-level": {
        choices: logLevels,
        default: "info" as LogLevel,
        describe: "What is logged, to standard error",
      },
    }),
  handler: async ({ root, address, containerd, "log-level": logLevel }) => {
    const { runSnapshotter } = await import("./main.ts");
    await runSnapshotter({ root, address, containerd, logLevel });
  },
};
