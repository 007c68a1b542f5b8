import { platform } from "../../platform/platform.ts";
import { usualAddress } from "../../snapshotter/plugin.ts";
import { defineCommand } from "../command.ts";

const { name: system, runtimeDirectory } = platform();

const usage = {
  name: "rund snapshotter",
  synopsis: "[flags]",
  text: `Serves copy-on-write snapshots to containerd, and layers of what has changed in them, as its proxy plugins.
Also called rund-snapshotter. docs/snapshots.md tells how containerd is told of it.`,
  flags: {
    root: {
      type: "string",
      default: "/var/lib/rund/snapshotter",
      describe: "folder for the snapshots; on APFS, btrfs and xfs they share their content",
    },
    address: {
      type: "string",
      default: usualAddress(runtimeDirectory),
      describe: "socket to serve on",
    },
    containerd: {
      type: "string",
      default: `${system === "darwin" ? "/var" : ""}/run/containerd/containerd.sock`,
      describe: "socket of the containerd whose content store takes layers",
    },
    "log-level": {
      type: "string",
      choices: ["debug", "info", "warn", "error"],
      default: "info",
      describe: "what is logged, to standard error",
    },
  },
} as const;

export const snapshotterCommand = defineCommand(usage, async (flags) => {
  const { root, address, containerd, "log-level": logLevel } = flags;
  const { runSnapshotter } = await import("../../snapshotter/main.ts");
  return runSnapshotter({ root, address, containerd, logLevel });
});
