import { Lock } from "../common/lock.ts";

/** One lock for each name in use: what concerns the same snapshot is done one after the other, all else at once. */
export class KeyLocks {
  readonly #locks = new Map<string, { readonly lock: Lock; users: number }>();

  /** Runs `body` while nothing else runs under any of the names. */
  run<T>(names: readonly string[], body: () => Promise<T>): Promise<T> {
    // In the same order for all, or two that want the same two would wait for each other.
    const ordered = [...new Set(names)].sort();
    return ordered.reduceRight<() => Promise<T>>((inner, name) => () => this.#runOne(name, inner), body)();
  }

  async #runOne<T>(name: string, body: () => Promise<T>): Promise<T> {
    const entry = this.#locks.get(name) ?? { lock: new Lock(), users: 0 };
    this.#locks.set(name, entry);
    entry.users++;
    try {
      return await entry.lock.run(body);
    } finally {
      entry.users--;
      if (entry.users === 0) this.#locks.delete(name);
    }
  }
}
