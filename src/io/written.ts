import { fstatSync, futimesSync } from "node:fs";

/**
 * Marks a fifo as one that nothing was written to. Its time of change is the only trace of a write that can be looked
 * at for nothing; on a system that does not keep it, or lets nobody set it, every fifo counts as written to.
 */
export function markUnwritten(descriptor: number): void {
  try {
    futimesSync(descriptor, 0, 0);
  } catch {
    // It counts as written to then.
  }
}

/** Whether something was written to a fifo since it was marked; true for any other pipe. */
export function isWritten(descriptor: number): boolean {
  return fstatSync(descriptor).mtimeMs !== 0;
}
