import type { Timestamp } from "./generated/google/protobuf/timestamp.ts";

const msPerSecond = 1000;
const nanosPerMs = 1_000_000;

/** A Date as a Timestamp; times before 1970 count nanoseconds forward, as protobuf demands. */
export function toTimestamp(date: Date): Timestamp {
  const ms = date.getTime();
  const seconds = Math.floor(ms / msPerSecond);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * msPerSecond) * nanosPerMs };
}

/** A Timestamp as a Date, cut to milliseconds; undefined stays undefined. */
export function fromTimestamp(timestamp: Timestamp): Date;
export function fromTimestamp(timestamp: Timestamp | undefined): Date | undefined;
export function fromTimestamp(timestamp: Timestamp | undefined): Date | undefined {
  if (timestamp === undefined) return undefined;
  return new Date(Number(timestamp.seconds) * msPerSecond + Math.floor(timestamp.nanos / nanosPerMs));
}
