import { Code, RundError } from "../common/error.ts";
import type { Container } from "./container.ts";

/** The containers of one shim by id; an id is taken from the moment its creation begins. */
export class Containers {
  readonly #containers = new Map<string, Container>();
  readonly #creating = new Map<string, Promise<unknown>>();
  readonly #onSettled: () => void;

  /** `onSettled` is called after each creation, also one that failed. */
  constructor(onSettled: () => void = () => {}) {
    this.#onSettled = onSettled;
  }

  /**
   * Adds what `create` makes.
   * @throws RundError alreadyExists, or what `create` throws
   */
  async add(id: string, create: () => Promise<Container>): Promise<Container> {
    if (this.#containers.has(id) || this.#creating.has(id)) {
      throw new RundError(Code.alreadyExists, `container ${id}: already exists`);
    }
    const creation = create().then((container) => {
      this.#containers.set(id, container);
      return container;
    });
    this.#creating.set(id, creation);
    try {
      return await creation;
    } finally {
      this.#creating.delete(id);
      this.#onSettled();
    }
  }

  /** Resolves when no creation of the container is under way, whether it is there then or not. */
  async settled(id: string): Promise<void> {
    await this.#creating.get(id)?.catch(() => undefined);
  }

  /** @throws RundError notFound */
  get(id: string): Container {
    const container = this.#containers.get(id);
    if (container === undefined) throw new RundError(Code.notFound, `container ${id}: not found`);
    return container;
  }

  find(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  remove(id: string): void {
    this.#containers.delete(id);
  }

  /** True when no container is there or on its way. */
  get isEmpty(): boolean {
    return this.#containers.size === 0 && this.#creating.size === 0;
  }

  [Symbol.iterator](): IterableIterator<Container> {
    return this.#containers.values();
  }
}
