import { writeSync } from "node:fs";
import { build } from "../common/build.ts";
import { features } from "../oci/features.ts";
import { packJson } from "../proto/any.ts";
import { RuntimeInfo } from "../proto/generated/containerd/types/introspection.ts";

/** containerd registers the specification's documents under such names; they are JSON inside of the Any. */
const featuresType = "types.containerd.io/opencontainers/runtime-spec/1/features/Features";

/**
 * Mounts that rund makes itself, so containerd 2.2 and later shall not make them for it (containerd: docs/mounts.md).
 */
const ownMounts: Readonly<Record<"linux" | "darwin", string>> = {
  linux: "bind,rbind,overlay",
  darwin: "bind,rbind",
};

/** `-info`: answers containerd's RuntimeInfo. The options on stdin change nothing about it, so they are not read. */
export function printInfo(name: string): void {
  writeSync(1, RuntimeInfo.encode(runtimeInfo(name)).finish());
}

/** What containerd is told of the runtime behind the program `name`. */
export function runtimeInfo(name: string): RuntimeInfo {
  const platform = process.platform === "darwin" ? "darwin" : "linux";
  return RuntimeInfo.create({
    name: runtimeName(name),
    version: build,
    features: packJson(featuresType, features(platform, build.version)),
    annotations: { "containerd.io/runtime-allow-mounts": ownMounts[platform] },
  });
}

/** `io.containerd.rund.v1` for `containerd-shim-rund-v1`. */
function runtimeName(name: string): string {
  return `io.containerd.${name.replace("containerd-shim-", "").replace(/-(v\d+)$/, ".$1")}`;
}
