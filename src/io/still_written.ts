import { readSync } from "node:fs";
import { errnoOf } from "../common/error.ts";

/**
 * Whether somebody can still write to one of these pipes, of which we hold non-blocking reading ends. What lies in
 * them is dropped: their reader has gone.
 */
export function isStillWritten(descriptors: readonly number[]): boolean {
  return descriptors.some(hasWriter);
}

function hasWriter(descriptor: number): boolean {
  const rest = Buffer.alloc(64 * 1024);
  try {
    while (readSync(descriptor, rest) > 0);
    return false;
  } catch (error) {
    // Nothing to read and no end: there is a writer.
    return errnoOf(error) === "EAGAIN";
  }
}
