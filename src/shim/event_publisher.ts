import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import { ForwardRequest } from "../proto/generated/containerd/services/events/ttrpc/v1/events.ts";
import type { Any } from "../proto/generated/google/protobuf/any.ts";
import { Empty } from "../proto/generated/google/protobuf/empty.ts";
import type { Timestamp } from "../proto/generated/google/protobuf/timestamp.ts";
import { toTimestamp } from "../proto/timestamp.ts";
import type { TtrpcClient } from "../ttrpc/client.ts";
import { namespaceKey } from "../ttrpc/metadata.ts";
import { EventsConnection } from "./events_connection.ts";

/** One event on its way to containerd. */
export interface TaskEvent {
  /** e.g. `/tasks/exit` */
  readonly topic: string;
  readonly event: Any;
}

type QueuedEvent = TaskEvent & { readonly timestamp: Timestamp };

/** As many as containerd's own shims keep. */
const queueLimit = 2048;
const callTimeoutMs = 5_000;
/** Before another try with a containerd that is there and did not take an event. */
const pauseMs = 200;
/** How long the last events may delay the daemon's end, below containerd's 3 s for Shutdown. */
const drainMs = 2_000;

/**
 * Sends events to containerd in the order in which they happened. The head of the queue stays there until
 * containerd has taken it, also over a restart of containerd: order matters more than speed, since clients take
 * an exit without a start, or an exec's exit after the init's, for something else.
 */
export class EventPublisher {
  readonly #connection: EventsConnection | undefined;
  readonly #namespace: string;
  readonly #logger: Logger;
  readonly #queue: QueuedEvent[] = [];
  #sending: Promise<void> | undefined;

  /** `address` is the path of containerd's ttrpc socket; without one events have nowhere to go. */
  constructor(address: string, namespace: string, logger: Logger) {
    this.#connection = address === "" ? undefined : new EventsConnection(address);
    this.#namespace = namespace;
    this.#logger = logger;
  }

  /** Queues an event; returns at once. */
  publish(event: TaskEvent): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#queue.push({ ...event, timestamp: toTimestamp(new Date()) });
    if (this.#queue.length > queueLimit) {
      const dropped = this.#queue.shift();
      this.#logger.error("event: dropped, the queue is full", { topic: dropped?.topic });
    }
    this.#sending ??= this.#sendAll(connection).finally(() => {
      this.#sending = undefined;
    });
  }

  /** How many events wait. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Waits until all is sent, for a bounded time, and closes the connection. */
  async drain(): Promise<void> {
    this.#connection?.hurry();
    await Promise.race([this.#sending, delay(drainMs, undefined, { ref: false })]);
    this.#connection?.close();
  }

  async #sendAll(connection: EventsConnection): Promise<void> {
    // The answer of the call that an event comes from goes out first: its client waits for that.
    await nextTurn();
    while (this.#queue.length > 0) {
      const client = await connection.client();
      const head = this.#queue[0];
      if (client === undefined || head === undefined) return;
      const isSent = await this.#trySend(client, head);
      // While it was sent the queue may have overflowed and dropped its head.
      if (isSent && this.#queue[0] === head) this.#queue.shift();
      if (!isSent) await delay(pauseMs);
    }
  }

  /** False when it is worth another try: containerd is away. What it refuses will be refused again. */
  async #trySend(client: TtrpcClient, event: QueuedEvent): Promise<boolean> {
    try {
      await client.invoke(
        "containerd.services.events.ttrpc.v1.Events",
        "Forward",
        ForwardRequest,
        Empty,
        this.#request(event),
        {
          timeoutMs: callTimeoutMs,
          metadata: { [namespaceKey]: this.#namespace },
        },
      );
      return true;
    } catch (error) {
      const { code, message } = RundError.from(error);
      const away = code === Code.unavailable || code === Code.deadlineExceeded;
      if (!away) this.#logger.error("event: refused by containerd", { topic: event.topic, error: message });
      return !away;
    }
  }

  #request({ topic, event, timestamp }: QueuedEvent): ForwardRequest {
    return { envelope: { timestamp, namespace: this.#namespace, topic, event } };
  }
}
