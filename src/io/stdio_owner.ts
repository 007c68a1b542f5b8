import type { Logger } from "../common/log.ts";

/** Whose stdio it is, as logging programs are told, and where something may be put for a moment. */
export interface StdioOwner {
  /** The container's id for its init, the exec's id for an exec, as with runc's shim. */
  readonly id: string;
  /** containerd's namespace. */
  readonly namespace: string;
  /** An absolute path of a folder that is root's alone: the bundle. */
  readonly folder: string;
  readonly logger: Logger;
  /** Aborts when nobody waits for the process any more, for which clients would else be waited for. */
  readonly signal?: AbortSignal;
}
