import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code, RundError } from "../../../src/common/error.ts";
import { silentLogger } from "../../../src/common/log.ts";
import { packAny, unpackAny } from "../../../src/proto/any.ts";
import { TaskStart } from "../../../src/proto/generated/containerd/events/task.ts";
import { ForwardRequest } from "../../../src/proto/generated/containerd/services/events/ttrpc/v1/events.ts";
import { Empty } from "../../../src/proto/generated/google/protobuf/empty.ts";
import { EventPublisher } from "../../../src/shim/event_publisher.ts";
import { createTtrpcServer, type TtrpcServer } from "../../../src/ttrpc/server.ts";
import { unary } from "../../../src/ttrpc/service.ts";

let folder: string;
let address: string;
const started = (pid: number) => ({
  topic: "/tasks/start",
  event: packAny(TaskStart, { containerId: "c", pid }),
});

/** The receiving side of containerd: keeps what it takes, and answers as `answer` says. */
class EventSink {
  readonly pids: number[] = [];
  readonly envelopes: NonNullable<ForwardRequest["envelope"]>[] = [];
  readonly namespaces: (string | undefined)[] = [];
  #server: TtrpcServer | undefined;
  #waiting: { count: number; resolve: () => void } | undefined;

  async listen(answer: (pid: number) => void = () => {}): Promise<void> {
    const forward = unary(ForwardRequest, Empty, ({ envelope }, { namespace }) => {
      if (envelope?.event === undefined) throw new RundError(Code.invalidArgument, "event: missing");
      const { pid } = unpackAny(envelope.event, TaskStart);
      answer(pid);
      this.pids.push(pid);
      this.envelopes.push(envelope);
      this.namespaces.push(namespace);
      if (this.pids.length >= (this.#waiting?.count ?? Number.POSITIVE_INFINITY)) this.#waiting?.resolve();
      return {};
    });
    this.#server = createTtrpcServer({ "containerd.services.events.ttrpc.v1.Events": { Forward: forward } });
    await new Promise<void>((resolve) => this.#server?.server.listen(address, resolve));
  }

  taken(count: number): Promise<void> {
    if (this.pids.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
    });
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

let sink: EventSink;
let publisher: EventPublisher;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-events-"));
  address = join(folder, "events");
  sink = new EventSink();
  publisher = new EventPublisher(address, "space", silentLogger);
});

afterEach(async () => {
  await publisher.drain();
  await sink.close();
  rmSync(folder, { recursive: true });
});

describe("EventPublisher", () => {
  it("sends events in their order, with namespace, topic and time", async () => {
    await sink.listen();
    const before = Date.now();
    for (let pid = 1; pid <= 100; pid++) publisher.publish(started(pid));
    await sink.taken(100);
    expect(sink.pids).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(sink.envelopes[0]).toMatchObject({ namespace: "space", topic: "/tasks/start" });
    expect(sink.envelopes[0]?.event?.typeUrl).toBe("containerd.events.TaskStart");
    expect(Number(sink.envelopes[0]?.timestamp?.seconds)).toBeGreaterThanOrEqual(Math.floor(before / 1000));
    expect(new Set(sink.namespaces)).toEqual(new Set(["space"]));
  });

  it("keeps them while containerd is away, and their order over its restart", async () => {
    for (const pid of [1, 2, 3]) publisher.publish(started(pid));
    await sink.listen();
    await sink.taken(3);
    await sink.close();
    for (const pid of [4, 5]) publisher.publish(started(pid));
    await sink.listen();
    await sink.taken(5);
    expect(sink.pids).toEqual([1, 2, 3, 4, 5]);
  });

  it("gives containerd's clients time to come back, and none at its own end", async () => {
    await sink.listen();
    publisher.publish(started(1));
    await sink.taken(1);
    await sink.close();
    await sink.listen();
    const returned = performance.now();
    publisher.publish(started(2));
    await sink.taken(2);
    expect(performance.now() - returned).toBeGreaterThan(1000);
    await sink.close();
    await sink.listen();
    const again = performance.now();
    publisher.publish(started(3));
    await publisher.drain();
    expect(performance.now() - again).toBeLessThan(1000);
    expect(sink.pids).toEqual([1, 2, 3]);
  });

  it("drops what containerd refuses and goes on with the next", async () => {
    await sink.listen((pid) => {
      if (pid === 2) throw new RundError(Code.invalidArgument, "event: not this one");
    });
    for (const pid of [1, 2, 3]) publisher.publish(started(pid));
    await sink.taken(2);
    expect(sink.pids).toEqual([1, 3]);
    expect(publisher.pending).toBeLessThanOrEqual(1);
  });

  it("forgets the oldest when too many wait", async () => {
    for (let pid = 1; pid <= 2050; pid++) publisher.publish(started(pid));
    expect(publisher.pending).toBe(2048);
    await sink.listen();
    await sink.taken(2048);
    expect([sink.pids[0], sink.pids.at(-1)]).toEqual([3, 2050]);
  });

  it("drains before it ends", async () => {
    await sink.listen();
    for (const pid of [1, 2, 3]) publisher.publish(started(pid));
    await publisher.drain();
    expect(sink.pids).toEqual([1, 2, 3]);
  });

  it("has nothing to do without an address", () => {
    const idle = new EventPublisher("", "space", silentLogger);
    idle.publish(started(1));
    expect(idle.pending).toBe(0);
  });
});
