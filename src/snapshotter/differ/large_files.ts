import type { Usage } from "../snapshot.ts";

/** Bytes up to which it does not matter who makes a layer. */
const small = 16 * 1024 * 1024;

/** Bytes of a file from which on its content costs more than what there is to find out about it. */
const largeFile = 8 * 1024;

/**
 * Whether a tree has so much content in its files that a layer of it, which is not compressed, is quicker made by containerd's
 * walking differ: that one writes it into the store itself, and from here all of it goes through a socket, for which
 * containerd alone takes longer than the walking differ for the layer. Measured in docs/snapshots.md.
 */
export function hasLargeFiles({ size, inodes }: Usage): boolean {
  return size > small && size > inodes * largeFile;
}
