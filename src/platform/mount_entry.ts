/** One line of the mount table. */
export interface MountEntry {
  readonly source: string;
  /** Absolute path of the mount point. */
  readonly target: string;
  /** File system type in the system's own words: `overlay`, `fuse.bindfs`, `macfuse`. */
  readonly type: string;
  readonly options: readonly string[];
  /** The mount's number and that of the mount it stands on, where the system tells. */
  readonly id?: number;
  readonly parent?: number;
}
