import { Code, type RundError } from "../../common/error.ts";
import * as api from "../../proto/generated/containerd/services/content/v1/content.ts";
import type { ContentClient, WriteStream } from "./content_client.ts";
import { grpcError } from "./grpc_error.ts";

/**
 * How much is sent ahead of containerd's answers: so many messages of so many bytes. More than the 64 KiB of a new HTTP/2
 * connection's window must not be on the way: Bun's client, seen with 1.4.5, sometimes never goes on once it was full.
 */
const [mostUnanswered, partSize] = [2, 16 * 1024];

/** Content that is being written into containerd's store, under a name of its own until it is committed. */
export class ContentWriter {
  readonly #stream: WriteStream;
  readonly #ref: string;
  #offset = 0n;
  #unanswered = 0;
  #error: RundError | undefined;
  #ended = false;
  /** Called when an answer, an error or the end has come. */
  #changed: () => void = () => {};

  constructor(content: ContentClient, ref: string) {
    this.#ref = ref;
    this.#stream = content.write();
    this.#stream.on("data", () => {
      this.#unanswered--;
      this.#changed();
    });
    this.#stream.on("error", (error) => {
      this.#error ??= grpcError("content write", error);
      this.#changed();
    });
    this.#stream.on("end", () => {
      this.#ended = true;
      this.#changed();
    });
  }

  /** Bytes written so far. */
  get size(): bigint {
    return this.#offset;
  }

  /** Resolves when there is room for more. */
  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += partSize) {
      const part = data.subarray(at, at + partSize);
      this.#send({ action: api.WriteAction.WRITE, data: part });
      this.#offset += BigInt(part.length);
      await this.#until(() => this.#unanswered < mostUnanswered);
    }
  }

  /** Makes it content of the store; the same content may be there already, with its own labels. */
  async commit(digest: string, labels: Record<string, string>): Promise<void> {
    this.#send({ action: api.WriteAction.COMMIT, expected: digest, total: this.#offset, labels });
    try {
      await this.#until(() => this.#unanswered === 0);
    } catch (error) {
      if (this.#error?.code !== Code.alreadyExists) throw error;
    }
    this.#stream.end();
  }

  /** Gives the call up, whatever state it is in. */
  cancel(): void {
    this.#stream.cancel();
  }

  #send(request: Partial<api.WriteContentRequest>): void {
    this.#unanswered++;
    // The offset at the first one is 0, which also cuts off what an earlier try under the same name has left.
    this.#stream.write(api.WriteContentRequest.create({ ref: this.#ref, offset: this.#offset, ...request }));
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) throw grpcError("content write", new Error("content write: the store has ended it"));
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
