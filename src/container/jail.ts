import type { ProcessSet } from "../jail/process_set.ts";
import type { MountRecord } from "../mount/types.ts";
import type { Process, Spec } from "../oci/spec.ts";
import type { LaunchOptions } from "./container_process.ts";
import { launchOptions } from "./launch_options.ts";

/** What has to be known of a jail to end it and to take it back, as plain JSON. */
export interface JailRecord extends MountRecord {
  /** The user that was made for the jail, where nothing is chrooted into: its processes are the jail's. */
  readonly uid?: number;
}

/** How a container is kept apart from the host. */
export interface Jail {
  readonly record: JailRecord;
  /**
   * What the launcher needs of a process document, the init's or an exec's.
   * @throws RundError invalidArgument or failedPrecondition for what this jail cannot run
   */
  launchOptions(process: Process): LaunchOptions;
  /** Gives back what was taken for it besides its mounts, which are gone by then. It may be called twice. */
  release(): Promise<void>;
}

/** Those of the root directory, or those of the jail's own user. */
export function processesOf({ root, uid }: JailRecord): ProcessSet {
  return uid === undefined ? root : { uid };
}

/** The usual one: a root directory. */
export function rootJail(record: JailRecord, spec: Spec): Jail {
  return {
    record,
    launchOptions: (process) => launchOptions(record.root, process, spec),
    release: () => Promise.resolve(),
  };
}
