import { writeSync } from "node:fs";
import packageJson from "../../package.json" with { type: "json" };
import { RuntimeInfo } from "../proto/generated/containerd/types/introspection.ts";

/** `-info`: answers containerd's RuntimeInfo; the options on stdin are not needed for it. */
export function printInfo(name: string): void {
  const info = RuntimeInfo.create({
    name: `io.containerd.${name.replace("containerd-shim-", "").replace(/-(v\d+)$/, ".$1")}`,
    version: { version: packageJson.version, revision: "" },
  });
  writeSync(1, RuntimeInfo.encode(info).finish());
}
