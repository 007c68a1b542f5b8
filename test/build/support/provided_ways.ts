import type { MountDriverName } from "../../harness/shared_daemons.ts";

/** How test files reach one builder of the run. */
export interface ProvidedWay {
  /** Such as `shim-bindfs`, as test names show it. */
  readonly name: string;
  readonly driver: MountDriverName;
  /** The `buildx` program, and the environment in which it has this builder. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Flags that each of its builds needs. */
  readonly flags: readonly string[];
  /** The temporary folder of its containerd, which containers may leave nothing in. */
  readonly folder: string;
  /** containerd's client and address. */
  readonly ctr: string;
  readonly address: string;
  readonly logs: readonly string[];
}

export interface ProvidedBuilds {
  /** The ways to build that are tested. */
  readonly ways: readonly ProvidedWay[];
  /** Builds with runc, for what is to be expected. */
  readonly yardstick: ProvidedWay;
  /** A dockerd with rund as its runtime: client, socket, and the client's settings. */
  readonly docker: { readonly program: string; readonly socket: string; readonly settings: string };
  /** A folder for contexts and results. */
  readonly folder: string;
  /** The busybox tree as an archive, for ADD. */
  readonly rootfsArchive: string;
  /** Address of the registry, `HOST:PORT`. */
  readonly registry: string;
}

declare module "vitest" {
  interface ProvidedContext {
    builds: ProvidedBuilds;
  }
}
