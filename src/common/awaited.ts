/** A value that comes once, and that many wait for. Who gives up leaves nothing behind, however long it may still take. */
export class Awaited<T> {
  #result: { readonly value: T } | undefined;
  readonly #waiters = new Set<(value: T) => void>();

  /** Only the first value counts. */
  resolve(value: T): void {
    if (this.#result !== undefined) return;
    this.#result = { value };
    for (const wake of this.#waiters) wake(value);
    this.#waiters.clear();
  }

  /** Rejects with the signal's reason when that aborts first. */
  wait(signal?: AbortSignal): Promise<T> {
    if (this.#result !== undefined) return Promise.resolve(this.#result.value);
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#waiters.add(resolve);
      const leave = () => {
        this.#waiters.delete(resolve);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  /** How many wait. */
  get waiters(): number {
    return this.#waiters.size;
  }
}
