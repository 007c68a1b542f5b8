import { late } from "../common/late.ts";
import { parseMountinfo } from "./mountinfo.ts";
import type { Platform } from "./platform.ts";

export const linux: Platform = {
  name: "linux",
  mountDriver: "kernel",
  runtimeDirectory: "/run/rund",
  homesDirectory: "/run/rund-homes",
  async users() {
    const { linuxUsers } = await import("./linux_users.ts");
    return linuxUsers();
  },
  fuseProvider: () => "libfuse",
  async readMountTable() {
    return parseMountinfo(await late("node:fs/promises").readFile("/proc/self/mountinfo", "utf8"));
  },
};
