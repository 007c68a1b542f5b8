import { Code, RundError } from "../common/error.ts";
import type { Container } from "./container.ts";

interface Creation {
  readonly container: Promise<Container>;
  readonly givenUp: AbortController;
}

/** The containers of one shim by id; an id is taken from the moment its creation begins. */
export class Containers {
  readonly #containers = new Map<string, Container>();
  readonly #creating = new Map<string, Creation>();
  readonly #onSettled: () => void;

  /** `onSettled` is called after each creation, also one that failed. */
  constructor(onSettled: () => void = () => {}) {
    this.#onSettled = onSettled;
  }

  /**
   * Adds what `create` makes, whose signal aborts when nobody wants it any more.
   * @throws RundError alreadyExists, or what `create` throws
   */
  async add(id: string, create: (givenUp: AbortSignal) => Promise<Container>): Promise<Container> {
    if (this.#containers.has(id) || this.#creating.has(id)) {
      throw new RundError(Code.alreadyExists, `container ${id}: already exists`);
    }
    const givenUp = new AbortController();
    const container = create(givenUp.signal).then((made) => {
      this.#containers.set(id, made);
      return made;
    });
    this.#creating.set(id, { container, givenUp });
    try {
      return await container;
    } finally {
      this.#creating.delete(id);
      this.#onSettled();
    }
  }

  /**
   * Nobody wants a container any more that may still be on its way: its creation waits for no client. Resolves when it has
   * ended, whether the container is there then or not.
   */
  async giveUp(id: string): Promise<void> {
    const creation = this.#creating.get(id);
    creation?.givenUp.abort(new RundError(Code.canceled, `container ${id}: given up`));
    await creation?.container.catch(() => undefined);
  }

  isCreating(id: string): boolean {
    return this.#creating.has(id);
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
