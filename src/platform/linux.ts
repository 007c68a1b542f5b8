import { readFile } from "node:fs/promises";
import { parseMountinfo } from "./mountinfo.ts";
import type { Platform } from "./platform.ts";

export const linux: Platform = {
  name: "linux",
  mountDriver: "kernel",
  runtimeDirectory: "/run/rund",
  fuseProvider: () => "libfuse",
  async readMountTable() {
    return parseMountinfo(await readFile("/proc/self/mountinfo", "utf8"));
  },
};
