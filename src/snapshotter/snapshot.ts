/** Active ones are written to, views only read, committed ones never change and may have children. */
export const snapshotKinds = ["view", "active", "committed"] as const;

export type SnapshotKind = (typeof snapshotKinds)[number];

/** What a snapshot takes of the disk by itself. */
export interface Usage {
  /** Bytes that it shares with no other. */
  readonly size: number;
  readonly inodes: number;
}

/** What is known of a snapshot. */
export interface Snapshot {
  /** Names its tree on the disk, and is never used again. */
  readonly id: string;
  /** Its key, or once it is committed its name. */
  readonly name: string;
  readonly kind: SnapshotKind;
  /** Name of a committed snapshot, or "". */
  readonly parent: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** As measured at the commit. */
  readonly usage: Usage;
  /**
   * The time of change, `SECONDS.NANOSECONDS`, that nothing in its tree was later than when it was made of its parent's;
   * "" for one that was made of nothing.
   */
  readonly clonedAt: string;
}

export const noUsage: Usage = { size: 0, inodes: 0 };
