/**
 * A first-come-first-served mutex. It is held over state transitions only, never over waiting for a
 * process or a client: a call that waits under the lock would block Kill.
 */
export class Lock {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `body` once all earlier bodies have settled; its result or error is the caller's. */
  run<T>(body: () => Promise<T> | T): Promise<T> {
    const turn = this.#tail.then(body);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
