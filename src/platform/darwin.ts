import { execFile } from "node:child_process";
import { late } from "../common/late.ts";
import { darwinFuseProvider } from "./darwin_fuse.ts";
import { parseMountCommand } from "./mount_command.ts";
import type { Platform } from "./platform.ts";

export const darwin: Platform = {
  name: "darwin",
  mountDriver: "bindfs",
  runtimeDirectory: "/var/run/rund",
  /** Without the link that /var is: sandbox profiles and programs that resolve their HOME see the same path. */
  homesDirectory: "/private/var/run/rund-homes",
  async users() {
    const { darwinUsers } = await import("./darwin_users.ts");
    return darwinUsers();
  },
  fuseProvider: () => darwinFuseProvider(process.env),
  async readMountTable() {
    /** mount(8) asks with MNT_NOWAIT, so that a dead file server does not hang it. */
    const { stdout } = await late("node:util").promisify(execFile)("/sbin/mount", [], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return parseMountCommand(stdout);
  },
};
