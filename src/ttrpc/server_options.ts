import { type Logger, silentLogger } from "../common/log.ts";

/** Limits of one connection; every one has a default that no well-behaved client meets. */
export interface ServerOptions {
  readonly logger?: Logger;
  /**
   * Calls of one method handled at once; more are answered `resourceExhausted`. Each Wait is one for its process's life,
   * also when its client has gone long ago: containerd has no word to tell a shim. Another method still works then.
   */
  readonly maxPendingCalls?: number;
  /** Unread answers, in bytes, from which on no more requests are read. */
  readonly pauseBytes?: number;
  /** Unread answers, in bytes, at which the connection is dropped. */
  readonly maxBufferedBytes?: number;
  /** How long, in milliseconds, a client above `pauseBytes` may go without reading all before it is dropped. */
  readonly stallMs?: number;
  /** Protocol violations in a row, with no proper request between, at which the connection is dropped. */
  readonly maxViolations?: number;
}

/** The options with their defaults. */
export function withDefaults(options: ServerOptions): Required<ServerOptions> {
  return {
    logger: silentLogger,
    maxPendingCalls: 16_384,
    pauseBytes: 4 << 20,
    maxBufferedBytes: 32 << 20,
    stallMs: 30_000,
    maxViolations: 1000,
    ...options,
  };
}
