/** One thing in a layer, as it will stand in its archive. */
export interface LayerEntry {
  readonly kind: "file" | "folder" | "symlink" | "link" | "fifo";
  /** Without a slash in front. */
  readonly path: string;
  /** The file that it is made of; undefined for what is made of nothing. */
  readonly source: string | undefined;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Bytes of a file, 0 for everything else. */
  readonly size: number;
  /** Where a symbolic link leads; for a hard link the path of the other name in the same layer. */
  readonly target?: string;
  /** What tells whether a file is still the one that was looked at. */
  readonly stamp?: FileStamp;
}

export interface FileStamp {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

export function isSameFile(one: FileStamp, other: FileStamp): boolean {
  return (
    one.dev === other.dev && one.ino === other.ino && one.size === other.size && one.mtimeNs === other.mtimeNs
  );
}
