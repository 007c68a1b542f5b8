import { Code, RundError } from "../common/error.ts";
import type { ContainerProcess } from "./container_process.ts";

/** The execs of a container. */
export class Execs {
  readonly #processes = new Map<string, ContainerProcess>();
  /** Ends of launched ones that have not been published yet. */
  readonly #ends = new Set<Promise<void>>();

  /** @throws RundError notFound */
  get(id: string): ContainerProcess {
    const exec = this.#processes.get(id);
    if (exec === undefined) throw new RundError(Code.notFound, `exec ${id}: not found`);
    return exec;
  }

  has(id: string): boolean {
    return this.#processes.has(id);
  }

  all(): readonly ContainerProcess[] {
    return [...this.#processes.values()];
  }

  add(exec: ContainerProcess): void {
    this.#processes.set(exec.id, exec);
  }

  remove(id: string): void {
    this.#processes.delete(id);
  }

  /** `published` resolves when the end of a launched exec has been published. */
  follow(published: Promise<void>): void {
    this.#ends.add(published);
    void published.finally(() => this.#ends.delete(published));
  }

  /** Resolves when the ends of all that were launched so far have been published. */
  async published(): Promise<void> {
    await Promise.all(this.#ends);
  }
}
