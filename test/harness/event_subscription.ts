import { setTimeout as delay } from "node:timers/promises";
import type { Client, ClientReadableStream } from "@grpc/grpc-js";
import type { MessageTypeDefinition, PackageDefinition } from "@grpc/proto-loader";
import type { ProtoAny, ProtoTimestamp } from "./api_types.ts";
import { uniqueId } from "./unique_id.ts";

/** An event of containerd with its message decoded; fields are named as in the proto, in camelCase. */
export interface ContainerdEvent {
  readonly topic: string;
  readonly namespace: string;
  readonly timestamp: ProtoTimestamp;
  readonly event: Readonly<Record<string, unknown>>;
}

interface Envelope {
  readonly topic: string;
  readonly namespace: string;
  readonly timestamp: ProtoTimestamp;
  readonly event: ProtoAny;
}

/** containerd's events from the moment of subscribing on, in the order in which they came. */
export class EventSubscription {
  readonly #all: ContainerdEvent[] = [];
  readonly #stream: ClientReadableStream<Envelope>;
  readonly #checks = new Set<() => void>();
  #error: Error | undefined;

  private constructor(stream: ClientReadableStream<Envelope>, definitions: PackageDefinition) {
    this.#stream = stream;
    stream.on("data", (envelope: Envelope) => {
      const { topic, namespace, timestamp } = envelope;
      this.#all.push({ topic, namespace, timestamp, event: decode(envelope.event, definitions) });
      for (const check of [...this.#checks]) check();
    });
    stream.on("error", (error: Error) => {
      this.#error = error;
      for (const check of [...this.#checks]) check();
    });
  }

  /**
   * Resolves once containerd has taken the subscription on: later events are not missed. containerd answers
   * nothing before the first event, so one of our own is published until it comes back.
   */
  static async open(
    client: Client,
    definitions: PackageDefinition,
    filters: readonly string[],
    publish: (topic: string) => Promise<unknown>,
  ): Promise<EventSubscription> {
    const topic = `/harness/${uniqueId("subscribed")}`;
    const request = { filters: [...filters, `topic=="${topic}"`] };
    const stream = subscribing(client).Subscribe(request);
    const subscription = new EventSubscription(stream, definitions);
    const subscribed = subscription.waitFor((event) => event.topic === topic);
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    subscribed.then(settle, settle);
    while (!settled) {
      await publish(topic);
      await delay(10);
    }
    await subscribed;
    return subscription;
  }

  /** The first event, seen already or still to come, that `accept` takes. */
  waitFor(accept: (event: ContainerdEvent) => boolean, timeout = 20_000): Promise<ContainerdEvent> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#checks.delete(check);
      };
      const check = (): void => {
        const found = this.#all.find(accept);
        if (found === undefined && this.#error === undefined) return;
        finish();
        if (found === undefined) reject(this.#error);
        else resolve(found);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`events: none matched within ${timeout} ms; seen: ${this.#summary()}`));
      }, timeout);
      this.#checks.add(check);
      check();
    });
  }

  /** Every event so far. */
  get seen(): readonly ContainerdEvent[] {
    return this.#all.filter(({ topic }) => !topic.startsWith("/harness/"));
  }

  close(): void {
    this.#stream.cancel();
  }

  #summary(): string {
    return this.seen.map(({ topic, event }) => `${topic} ${JSON.stringify(event)}`).join("\n");
  }
}

function subscribing(client: Client): {
  Subscribe(request: { filters: readonly string[] }): ClientReadableStream<Envelope>;
} {
  return client as unknown as ReturnType<typeof subscribing>;
}

function decode(any: ProtoAny, definitions: PackageDefinition): Record<string, unknown> {
  const name = any.type_url.slice(any.type_url.lastIndexOf("/") + 1);
  const type = definitions[name] as MessageTypeDefinition<object, Record<string, unknown>> | undefined;
  return type === undefined ? { typeUrl: any.type_url } : type.deserialize(Buffer.from(any.value));
}
