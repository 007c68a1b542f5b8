import { choice } from "../../src/common/choice.ts";
import { type ContainerdVersion, containerdVersions } from "./containerd_programs.ts";
import { type DockerVersion, dockerVersions } from "./tools.ts";

const storages = ["overlay2", "vfs", "overlayfs", "native"] as const;

/**
 * Where images and container roots are kept: by docker itself, or by containerd's snapshotters, of which ours has to be
 * among its plugins.
 */
export type DockerStorage = (typeof storages)[number] | "rund";

/** The containerd of a run: `RUND_CONTAINERD`, 2.1 by default. */
export function usualContainerd(): ContainerdVersion {
  return choice(process.env, "RUND_CONTAINERD", containerdVersions, "2.1");
}

/** The docker of a run: `RUND_DOCKER`, 28.5 by default. */
export function usualDocker(): DockerVersion {
  return choice(process.env, "RUND_DOCKER", dockerVersions, "28.5");
}

/** What docker keeps its containers in: `RUND_STORAGE`, overlay2 by default. */
export function usualStorage(): DockerStorage {
  return choice(process.env, "RUND_STORAGE", storages, "overlay2");
}
