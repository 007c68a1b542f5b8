import type { Logger } from "../common/log.ts";
import type { EventSink } from "./events.ts";

/** What an edge lends a container. */
export interface ContainerContext {
  readonly emit: EventSink;
  readonly logger: Logger;
  /** containerd's, which logging programs are told. */
  readonly namespace: string;
}
