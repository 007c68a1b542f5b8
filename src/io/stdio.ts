import { closeSync } from "node:fs";
import { Code, RundError } from "../common/error.ts";
import { openFifoBothWays, openFifoEnd, openFifoKeeper, openFifoReader, openOutputKeeper } from "./fifo.ts";
import { openLogFile } from "./file.ts";
import { type LoggedStreams, LoggingProgram } from "./logging_program.ts";
import type { StdioOwner } from "./stdio_owner.ts";
import { type LoggerUri, type PathUri, parseStdioUri, type StdioUri } from "./uri.ts";
import { isWritten } from "./written.ts";

/** The stdio of a process as a client names it: fifo paths or URIs, "" for none. */
export interface StdioUris {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

type Descriptor = number | "ignore";

/** Descriptors of this process that a process gets as they are: the standard ones, and those that follow. */
export type OwnDescriptors = readonly [Descriptor, Descriptor, Descriptor, ...kept: readonly number[]];

/**
 * The open ends of one process's stdio. The process gets the fifos, files and pipes themselves, so that no byte
 * passes through JavaScript; rund holds only the keepers.
 */
export class Stdio {
  readonly uris: StdioUris;
  readonly #own: [Descriptor, Descriptor, Descriptor] = ["ignore", "ignore", "ignore"];
  #lent: OwnDescriptors | undefined;
  readonly #keepers: number[] = [];
  readonly #loggers: LoggingProgram[] = [];
  /** Outputs whose client has not been waited for yet. */
  readonly #outputPaths: string[] = [];
  /** Of a standard input that nobody has opened yet. */
  #inputPath: string | undefined;
  #isInputClosed = false;
  #stdinKeeper: number | undefined;

  private constructor(uris: StdioUris) {
    this.uris = uris;
  }

  /**
   * Opens everything a process needs, logging programs included; on an error nothing stays open. Before the process writes
   * anything `awaitClients` has to be called.
   * @throws RundError notFound for a fifo or a program that is not there, invalidArgument for a URI that means
   *   nothing, deadlineExceeded for a logging program that never gets ready
   */
  static async open(uris: StdioUris, owner: StdioOwner): Promise<Stdio> {
    const stdio = new Stdio(uris);
    try {
      const [input, outputs] = [parseStdioUri(uris.stdin), outputsOf(uris)];
      if (input !== undefined) stdio.#openStdin(input);
      for (const { uri, streams } of outputs) await stdio.#openOutput(uri, streams, owner);
      return stdio;
    } catch (error) {
      await stdio.close();
      throw error;
    }
  }

  /** What a process shares with this one, which keeps it open. */
  static lend(uris: StdioUris, descriptors: OwnDescriptors): Stdio {
    const stdio = new Stdio(uris);
    stdio.#lent = descriptors;
    return stdio;
  }

  /** What the launcher inherits as descriptors 0, 1 and 2, and others. */
  get descriptors(): OwnDescriptors {
    return this.#lent ?? this.#own;
  }

  /** The keepers of outputs that were written to, through which can be seen what no client has read yet. */
  get writtenOutputs(): readonly number[] {
    return [...this.#keepers, ...this.#loggers.flatMap(({ keepers }) => keepers)].filter(isWritten);
  }

  /**
   * Standard input, which the launcher opens by its path; undefined when there is none, or it is a terminal's, which is
   * among the descriptors. It is not opened before, because that lets the client in: ctr's and nerdctl's, with no more
   * than a line to send, are done at once, and the task or exec that their CloseIO is for has to be there by then.
   */
  get input(): { readonly path: string; keep(): void; hold(): () => void } | undefined {
    const path = this.#inputPath;
    if (path === undefined) return undefined;
    return { path, keep: () => this.#keepInput(path), hold: () => this.#holdInput(path) };
  }

  #keepInput(path: string): void {
    if (!this.#isInputClosed) this.#stdinKeeper = openFifoKeeper(path);
  }

  #holdInput(path: string): () => void {
    const both = openFifoBothWays(path);
    this.#keepInput(path);
    return () => closeSync(both);
  }

  /**
   * Waits until the client reads its outputs, all of them at once: it is for the client to say which it opens first. Aborts
   * with the signal's reason; after an error `close` is what is left to do.
   * @throws RundError notFound for a fifo that the client has taken away
   */
  async awaitClients(signal?: AbortSignal): Promise<void> {
    const failure = new AbortController();
    const signals = AbortSignal.any(signal ? [failure.signal, signal] : [failure.signal]);
    const keepers = this.#outputPaths.splice(0).map(async (path) => {
      try {
        this.#keepers.push(await openOutputKeeper(path, signals));
      } catch (error) {
        failure.abort(error);
      }
    });
    await Promise.all(keepers);
    failure.signal.throwIfAborted();
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
    this.#isInputClosed = true;
    if (this.#stdinKeeper === undefined) return;
    closeSync(this.#stdinKeeper);
    this.#stdinKeeper = undefined;
  }

  /**
   * Closes whatever is still open, at once; may be called again. The promise settles when the logging programs have
   * ended too, which may take as long as they are given to do so.
   */
  async close(): Promise<void> {
    this.handOver();
    this.closeStdin();
    for (const keeper of this.#keepers.splice(0)) closeSync(keeper);
    await Promise.all(this.#loggers.splice(0).map((logger) => logger.close()));
  }

  #openStdin(uri: StdioUri): void {
    if (uri.scheme !== "fifo") {
      throw new RundError(Code.invalidArgument, `stdio ${this.uris.stdin}: standard input must be a fifo`);
    }
    if (!this.uris.terminal) {
      this.#inputPath = uri.path;
      return;
    }
    const { end, keeper } = openFifoReader(uri.path);
    this.#own[0] = end;
    this.#stdinKeeper = keeper;
  }

  async #openOutput(uri: StdioUri, streams: LoggedStreams, owner: StdioOwner): Promise<void> {
    if (!isLogger(uri)) {
      for (const stream of streams) this.#openPath(uri, stream);
      return;
    }
    const logger = await LoggingProgram.start(uri, streams, owner);
    this.#loggers.push(logger);
    const ends = logger.takeEnds();
    for (const [index, stream] of streams.entries()) this.#own[stream] = ends[index] ?? "ignore";
  }

  #openPath(uri: PathUri, stream: 1 | 2): void {
    if (uri.scheme === "file") {
      this.#own[stream] = openLogFile(uri.path);
      return;
    }
    this.#own[stream] = openFifoEnd(uri.path);
    this.#outputPaths.push(uri.path);
  }
}

function isLogger(uri: StdioUri): uri is LoggerUri {
  return uri.scheme === "binary" || uri.scheme === "binary-v2";
}

interface Output {
  readonly uri: StdioUri;
  readonly streams: LoggedStreams;
}

/**
 * Where the outputs go; both are one entry when they go to the same place, because one logging program takes both.
 * A terminal has one output; clients leave stderr empty then, and runc ignores it if they do not. Without a terminal
 * an empty stderr goes where a file or a logging program takes stdout, as with runc.
 */
function outputsOf({ stdout, stderr, terminal }: StdioUris): Output[] {
  const first = parseStdioUri(stdout);
  const second = terminal ? undefined : parseStdioUri(stderr);
  const taken = first !== undefined && first.scheme !== "fifo";
  const together = !terminal && first !== undefined && (stdout === stderr || (taken && stderr === ""));
  if (together) return [{ uri: first, streams: [1, 2] }];
  return [
    ...(first === undefined ? [] : [{ uri: first, streams: [1] as const }]),
    ...(second === undefined ? [] : [{ uri: second, streams: [2] as const }]),
  ];
}
