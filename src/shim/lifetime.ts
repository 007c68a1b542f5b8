import { lstatSync } from "node:fs";
import { Code, errnoOf, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import type { Container } from "../container/container.ts";
import type { Containers } from "../container/containers.ts";
import type { ContainerEvent } from "../container/events.ts";

/** How often an idle daemon looks whether anybody still knows of it, in milliseconds. */
const period = 5_000;

/** How long a container that was announced may take to be created, in milliseconds. */
const joinPatience = 30_000;

export interface LifetimeOptions {
  readonly containers: Containers;
  /** The bundle that the daemon was started for. */
  readonly bundle: string;
  readonly logger: Logger;
  /** Ends the daemon; called once. */
  readonly end: () => void;
}

/**
 * Decides when a daemon ends: when containerd has asked for it and its last container is gone. A daemon that containerd
 * has lost is never asked; it ends when all its processes have, and all its bundles are gone: containerd finds shims
 * by their bundles, so nobody can come back for it. While a bundle is there, an ended container waits for as long as it
 * takes, because its exit code is still wanted.
 */
export class Lifetime {
  readonly #options: LifetimeOptions;
  /** Containers that are about to be created, and until when they may be, by `performance.now()`. */
  readonly #announced = new Map<string, number>();
  /** Bundles that were gone at the last look; only what is gone twice is gone. */
  #suspects: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #isAsked = false;
  #isEnding = false;

  constructor(options: LifetimeOptions) {
    this.#options = options;
    this.#watch();
  }

  /**
   * A container is about to be created here.
   * @throws RundError unavailable when the daemon is about to end
   */
  announce(id: string): void {
    if (this.#isEnding) throw new RundError(Code.unavailable, "shim: about to end");
    this.#announced.set(id, performance.now() + joinPatience);
    this.#watch();
  }

  /** To be told of every event of the containers. */
  observe(event: ContainerEvent): void {
    const { kind, containerId } = event;
    if (kind === "created") this.#announced.delete(containerId);
    if (kind === "deleted" || (kind === "exited" && event.processId === containerId)) this.#watch();
  }

  /**
   * containerd is done with a container: the daemon ends when there is no other. One that is still being created counts,
   * and is remembered: containerd gives up a creation that takes too long, and asks only once.
   */
  release(id: string): void {
    this.#announced.delete(id);
    this.#isAsked = true;
    this.#endOrWatch();
  }

  /** A creation has ended; it may be one that containerd had given up. */
  creationSettled(): void {
    if (this.#isAsked) this.#endOrWatch();
  }

  get #isUnused(): boolean {
    return this.#options.containers.isEmpty && this.#announced.size === 0;
  }

  #endOrWatch(): void {
    if (this.#isUnused) this.#end();
    else this.#watch();
  }

  #watch(): void {
    if (this.#isEnding) return;
    this.#timer ??= setTimeout(() => void this.#look(), period).unref();
  }

  async #look(): Promise<void> {
    const { containers, bundle } = this.#options;
    for (const [id, deadline] of this.#announced)
      if (performance.now() > deadline) this.#announced.delete(id);
    const all = [...containers];
    const stopped = all.filter(({ init }) => init.state === "stopped");
    const gone = new Set([bundle, ...stopped.map((container) => container.bundle.path)].filter(isGone));
    const goneTwice = new Set([...gone].filter((path) => this.#suspects.has(path)));
    this.#suspects = gone;
    for (const container of stopped) if (goneTwice.has(container.bundle.path)) await this.#drop(container);
    this.#timer = undefined;
    if (this.#isUnused && (this.#isAsked || goneTwice.has(bundle))) this.#end();
    // The end of a container that runs begins the watch again; one that is being created may fail without a word.
    else if (stopped.length > 0 || all.length === 0 || this.#announced.size > 0) this.#watch();
    else this.#suspects = new Set();
  }

  async #drop(container: Container): Promise<void> {
    const { containers, logger } = this.#options;
    logger.warn("shim: container dropped, its bundle is gone", { container: container.id });
    try {
      await container.delete("");
      containers.remove(container.id);
    } catch (error) {
      logger.error("shim: container not dropped", { container: container.id, error: String(error) });
    }
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    clearTimeout(this.#timer);
    this.#options.end();
  }
}

/** Only "no such file" counts: any other error says nothing about the folder. */
function isGone(path: string): boolean {
  try {
    lstatSync(path);
    return false;
  } catch (error) {
    return errnoOf(error) === "ENOENT";
  }
}
