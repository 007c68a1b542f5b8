/** Makes ids that sort by time and never come again, also over restarts: paths of removed snapshots may be remembered. */
export class SnapshotIds {
  #last: number;

  /** @param used ids of earlier runs, which count should the clock have gone back */
  constructor(used: Iterable<string>) {
    const numbers = [...used].map((id) => Number.parseInt(id, 36)).filter(Number.isSafeInteger);
    this.#last = Math.max(0, ...numbers);
  }

  next(): string {
    this.#last = Math.max(this.#last + 1, Date.now());
    return this.#last.toString(36);
  }
}
