import { Code, RundError } from "../../common/error.ts";
import * as api from "../../proto/generated/containerd/services/content/v1/content.ts";
import type { Upload } from "../http2/upload.ts";
import type { ContentClient } from "./content_client.ts";

/** How much is sent ahead of containerd's answers: so many messages of so many bytes. */
const [mostUnanswered, partSize] = [8, 256 * 1024];

/** Content that is being written into containerd's store, under a name of its own until it is committed. */
export class ContentWriter {
  readonly #upload: Upload;
  readonly #ref: string;
  #offset = 0n;
  #unanswered = 0;
  #isCommitted = false;
  #error: RundError | undefined;
  #ended = false;
  /** Called when an answer, an error or the end has come. */
  #changed: () => void = () => {};

  constructor(content: ContentClient, ref: string) {
    this.#ref = ref;
    this.#upload = content.write({
      answered: (message) => {
        const { action } = api.WriteContentResponse.decode(message);
        if (action === api.WriteAction.COMMIT) this.#isCommitted = true;
        else this.#unanswered--;
        this.#changed();
      },
      ended: (error) => {
        this.#ended = true;
        this.#error = error && new RundError(error.code, `content write: ${error.message}`, { cause: error });
        this.#changed();
      },
    });
  }

  /** Resolves when there is room for more. */
  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += partSize) {
      const part = data.subarray(at, at + partSize);
      this.#unanswered++;
      this.#send({ action: api.WriteAction.WRITE, data: part });
      this.#offset += BigInt(part.length);
      await this.#until(() => this.#unanswered < mostUnanswered);
    }
  }

  /** Makes it content of the store; the same content may be there already, with its own labels. */
  async commit(digest: string, labels: Record<string, string>): Promise<void> {
    this.#send({ action: api.WriteAction.COMMIT, expected: digest, total: this.#offset, labels });
    try {
      await this.#until(() => this.#isCommitted);
    } catch (error) {
      if (this.#error?.code !== Code.alreadyExists) throw error;
    }
    this.#upload.close();
  }

  /** Gives the call up, whatever state it is in. */
  cancel(): void {
    this.#upload.close();
  }

  #send(request: Partial<api.WriteContentRequest>): void {
    // The offset at the first one is 0, which also cuts off what an earlier try under the same name has left.
    const message = api.WriteContentRequest.create({ ref: this.#ref, offset: this.#offset, ...request });
    this.#upload.send(api.WriteContentRequest.encode(message).finish());
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) throw new RundError(Code.unavailable, "content write: the store has ended it");
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
