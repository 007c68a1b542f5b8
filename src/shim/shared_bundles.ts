import type { ContainerEvent } from "../container/events.ts";
import type { LogFifo } from "./log_fifo.ts";
import { sharePanicLog } from "./panic_log.ts";

/** Sees to it that every bundle of a daemon of several containers has the daemon's log and panic log. */
export class SharedBundles {
  readonly #log: LogFifo;
  /** Bundles by container; under "" the one that the daemon was started for. */
  readonly #bundles = new Map<string, string>();

  constructor(bundle: string, log: LogFifo) {
    this.#log = log;
    this.#bundles.set("", bundle);
  }

  /** To be told of every event of the containers. */
  observe(event: ContainerEvent): void {
    if (event.kind === "created") this.#add(event.containerId, event.bundle);
    if (event.kind === "deleted") this.#remove(event.containerId);
  }

  #add(id: string, bundle: string): void {
    const others = [...this.#bundles.values()];
    this.#bundles.set(id, bundle);
    if (others.includes(bundle)) return;
    this.#log.add(bundle);
    sharePanicLog(bundle, others);
  }

  #remove(id: string): void {
    const bundle = this.#bundles.get(id);
    this.#bundles.delete(id);
    if (bundle !== undefined) this.#log.remove(bundle);
  }
}
