import { Code, RundError } from "../common/error.ts";

interface PendingCall {
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: RundError) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Longer timers fire at once in Node. */
const maxTimerMs = 2 ** 31 - 1;

/** A client's calls that wait for their answer, by stream id. Each is settled once; later answers are ignored. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();

  /** A promise for the answer; it fails with `deadlineExceeded` after `timeoutMs` milliseconds. */
  add(streamId: number, name: string, timeoutMs: number | undefined): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const timer = this.#startTimer(streamId, name, timeoutMs);
      this.#calls.set(streamId, { resolve, reject, timer });
    });
  }

  resolve(streamId: number, payload: Uint8Array): void {
    this.#take(streamId)?.resolve(payload);
  }

  reject(streamId: number, error: RundError): void {
    this.#take(streamId)?.reject(error);
  }

  rejectAll(error: RundError): void {
    for (const streamId of [...this.#calls.keys()]) this.reject(streamId, error);
  }

  #startTimer(streamId: number, name: string, timeoutMs: number | undefined): NodeJS.Timeout | undefined {
    if (timeoutMs === undefined || timeoutMs > maxTimerMs) return undefined;
    const expire = () =>
      this.reject(streamId, new RundError(Code.deadlineExceeded, `${name}: deadline exceeded`));
    return setTimeout(expire, timeoutMs);
  }

  #take(streamId: number): PendingCall | undefined {
    const call = this.#calls.get(streamId);
    this.#calls.delete(streamId);
    clearTimeout(call?.timer);
    return call;
  }
}
