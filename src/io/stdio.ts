import { closeSync } from "node:fs";
import { openFifoReader, openFifoWriter } from "./fifo.ts";
import { openLogFile } from "./file.ts";
import { parseStdioUri } from "./uri.ts";

/** The stdio of a process as a client names it: fifo paths or URIs, "" for none. */
export interface StdioUris {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

type Descriptor = number | "ignore";

/**
 * The open ends of one process's stdio. The process gets the fifos themselves, so that no byte passes
 * through JavaScript; rund holds only the keepers.
 */
export class Stdio {
  readonly uris: StdioUris;
  readonly #own: [Descriptor, Descriptor, Descriptor] = ["ignore", "ignore", "ignore"];
  readonly #keepers: number[] = [];
  #stdinKeeper: number | undefined;

  private constructor(uris: StdioUris) {
    this.uris = uris;
  }

  /**
   * Opens everything a process needs; on an error nothing stays open.
   * @throws RundError notFound for a fifo that is not there, invalidArgument for an unknown scheme
   */
  static async open(uris: StdioUris): Promise<Stdio> {
    const stdio = new Stdio(uris);
    try {
      stdio.#openStdin();
      await stdio.#openOutput(1, uris.stdout);
      // A terminal has one output; clients leave stderr empty then, and runc ignores it if they do not.
      if (!uris.terminal) await stdio.#openOutput(2, uris.stderr);
      return stdio;
    } catch (error) {
      stdio.close();
      throw error;
    }
  }

  /** What the launcher inherits as descriptors 0, 1 and 2. */
  get descriptors(): readonly [Descriptor, Descriptor, Descriptor] {
    return this.#own;
  }

  /** The keepers of the outputs, through which can be seen what no client has read yet. */
  get outputKeepers(): readonly number[] {
    return this.#keepers;
  }

  /** Once the launcher has inherited the process's ends, ours must go, or its end is never seen by the client. */
  handOver(): void {
    for (const [index, descriptor] of this.#own.entries()) {
      if (descriptor !== "ignore") closeSync(descriptor);
      this.#own[index] = "ignore";
    }
  }

  /**
   * CloseIO: drops only our own writer of stdin. BuildKit calls this right after every Start, while it is
   * still copying; end of file comes when it closes its writer too.
   */
  closeStdin(): void {
    if (this.#stdinKeeper === undefined) return;
    closeSync(this.#stdinKeeper);
    this.#stdinKeeper = undefined;
  }

  /** Closes whatever is still open; may be called again. */
  close(): void {
    this.handOver();
    this.closeStdin();
    for (const keeper of this.#keepers.splice(0)) closeSync(keeper);
  }

  #openStdin(): void {
    const uri = parseStdioUri(this.uris.stdin);
    if (uri === undefined) return;
    const { end, keeper } = openFifoReader(uri.path);
    this.#own[0] = end;
    this.#stdinKeeper = keeper;
  }

  async #openOutput(index: 1 | 2, text: string): Promise<void> {
    const uri = parseStdioUri(text);
    if (uri === undefined) return;
    if (uri.scheme === "file") {
      this.#own[index] = openLogFile(uri.path);
      return;
    }
    const { end, keeper } = await openFifoWriter(uri.path);
    this.#own[index] = end;
    this.#keepers.push(keeper);
  }
}
