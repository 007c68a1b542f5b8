import { setTimeout as delay } from "node:timers/promises";
import { Deferred } from "../common/deferred.ts";
import { TtrpcClient } from "../ttrpc/client.ts";

const connectTimeoutMs = 5_000;
const firstPauseMs = 50;
const longestPauseMs = 5_000;
const shortestGraceMs = 1_500;
const longestGraceMs = 10_000;

/**
 * A connection to containerd that comes back by itself after containerd was away. containerd's own clients come back
 * later than it does: dockerd tries again after one second and then after ever longer pauses, and what is published
 * before it has subscribed again it never hears of. A container would run for ever in its eyes. So for some time after
 * its return, longer after a long absence, containerd counts as away.
 */
export class EventsConnection {
  readonly #address: string;
  readonly #hurried = new Deferred<void>();
  #client: Promise<TtrpcClient | undefined> | undefined;
  #open: TtrpcClient | undefined;
  #isClosed = false;

  /** `address` is the path of containerd's ttrpc socket. */
  constructor(address: string) {
    this.#address = address;
  }

  /** Resolves when containerd, and its clients, are there, which may take for ever; undefined once this is closed. */
  client(): Promise<TtrpcClient | undefined> {
    this.#client ??= this.#connect(undefined);
    return this.#client;
  }

  /** From now on clients of containerd are not waited for. */
  hurry(): void {
    this.#hurried.resolve();
  }

  close(): void {
    this.#isClosed = true;
    this.#open?.close();
  }

  /** `awaySince` is when containerd was lost, in milliseconds of a clock that does not jump. */
  async #connect(awaySince: number | undefined): Promise<TtrpcClient | undefined> {
    let since = awaySince;
    for (let pause = firstPauseMs; !this.#isClosed; pause = Math.min(pause * 2, longestPauseMs)) {
      const client = await this.#tryConnect();
      if (client !== undefined) {
        this.#open = client;
        void client.closed.then(() => this.#onLost());
        if (since !== undefined) await this.#settle(performance.now() - since);
        return client;
      }
      since ??= performance.now();
      await delay(pause, undefined, { ref: false });
    }
    return undefined;
  }

  async #tryConnect(): Promise<TtrpcClient | undefined> {
    try {
      return await TtrpcClient.connect(this.#address, { timeoutMs: connectTimeoutMs });
    } catch {
      return undefined;
    }
  }

  async #settle(absence: number): Promise<void> {
    const grace = Math.min(shortestGraceMs + absence, longestGraceMs);
    await Promise.race([delay(grace, undefined, { ref: false }), this.#hurried.promise]);
  }

  /** At once, also with nothing to send: only so is it known how long containerd has been back when there is. */
  #onLost(): void {
    if (!this.#isClosed) this.#client = this.#connect(performance.now());
  }
}
