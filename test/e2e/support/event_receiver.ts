import { once } from "node:events";
import { ForwardRequest } from "../../../src/proto/generated/containerd/services/events/ttrpc/v1/events.ts";
import { Empty } from "../../../src/proto/generated/google/protobuf/empty.ts";
import { createTtrpcServer, type TtrpcServer } from "../../../src/ttrpc/server.ts";
import { unary } from "../../../src/ttrpc/service.ts";

/** Stands where containerd takes its shims' events. */
export class EventReceiver {
  readonly topics: string[] = [];
  readonly #server: TtrpcServer;

  private constructor() {
    const forward = unary(ForwardRequest, Empty, ({ envelope }) => {
      this.topics.push(envelope?.topic ?? "");
      return {};
    });
    this.#server = createTtrpcServer({ "containerd.services.events.ttrpc.v1.Events": { Forward: forward } });
  }

  /** `path` is where its socket shall be. */
  static async listen(path: string): Promise<EventReceiver> {
    const receiver = new EventReceiver();
    receiver.#server.server.listen(path);
    await once(receiver.#server.server, "listening");
    return receiver;
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
