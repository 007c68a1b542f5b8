import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Code, errnoOf, RundError, systemError } from "../common/error.ts";
import { markUnwritten } from "./written.ts";

/** How long a writer waits for the client to open its reading end, in milliseconds. */
const readerDeadline = 10_000;

/** How often it looks in that time, in milliseconds: a client opens it within a few, or is held up. */
const pauses = { first: 1, growth: 1.25, longest: 50 };

/** Both ends of a fifo that rund holds: the process's own end, and the keeper of the opposite one. */
export interface FifoEnds {
  /** Blocking descriptor for the jailed process. */
  readonly end: number;
  /** The opposite end, which keeps the fifo alive while no client has it open. */
  readonly keeper: number;
}

/**
 * Opens a fifo for a process to read from. The keeper is a writer: end of file reaches the process only when
 * the keeper and the client's writer are both gone.
 */
export function openFifoReader(path: string): FifoEnds {
  const both = openFifoBothWays(path);
  try {
    const end = openFifo(path, constants.O_RDONLY);
    return { end, keeper: openOrClose(path, constants.O_WRONLY | constants.O_NONBLOCK, end) };
  } finally {
    closeSync(both);
  }
}

/** Opening both ways never blocks, on Linux and macOS alike; with it open neither do a reader and a writer. */
export function openFifoBothWays(path: string): number {
  return openFifo(path, constants.O_RDWR);
}

/** A writer of a fifo that a process reads from; undefined when the client has taken the fifo away, which ends it too. */
export function openFifoKeeper(path: string): number | undefined {
  try {
    return openFifo(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** Opens a fifo for a process to write to, blocking for that one. It does not wait for anybody to read. */
export function openFifoEnd(path: string): number {
  const both = openFifoBothWays(path);
  try {
    return openFifo(path, constants.O_WRONLY);
  } finally {
    // Not kept: with a reader of our own it could not be seen when the client's comes.
    closeSync(both);
  }
}

/**
 * Waits for the client's reader, as runc's shim does, and opens the keeper of an output: a reader. With it a process whose
 * client has gone neither gets SIGPIPE nor loses what it wrote before the next client attaches.
 *
 * The client opens its end in the background, and were a short process done before, that open would wait for a writer that
 * never comes again. When `signal` aborts it waits no longer, and rejects with its reason.
 */
export async function openOutputKeeper(path: string, signal?: AbortSignal): Promise<number> {
  const probe = await openWhenRead(path, signal);
  try {
    const keeper = openFifo(path, constants.O_RDONLY | constants.O_NONBLOCK);
    markUnwritten(keeper);
    return keeper;
  } finally {
    if (probe !== undefined) closeSync(probe);
  }
}

/** A writing descriptor as soon as somebody reads, or undefined when nobody does before the deadline. */
async function openWhenRead(path: string, signal?: AbortSignal): Promise<number | undefined> {
  const deadline = performance.now() + readerDeadline;
  let pause = pauses.first;
  while (performance.now() < deadline) {
    try {
      return openFifo(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (errnoOf((error as Error).cause) !== "ENXIO") throw error;
    }
    await delay(pause);
    pause = Math.min(pause * pauses.growth, pauses.longest);
    signal?.throwIfAborted();
  }
  return undefined;
}

function openFifo(path: string, flags: number): number {
  const descriptor = openDescriptor(path, flags);
  if (fstatSync(descriptor).isFIFO()) return descriptor;
  closeSync(descriptor);
  throw new RundError(Code.invalidArgument, `open ${path}: not a fifo`);
}

function openDescriptor(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw systemError(`open ${path}`, error);
  }
}

function openOrClose(path: string, flags: number, other: number): number {
  try {
    return openFifo(path, flags);
  } catch (error) {
    closeSync(other);
    throw error;
  }
}
