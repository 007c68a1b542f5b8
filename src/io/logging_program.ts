import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { systemError } from "../common/error.ts";
import { DiscardedOutput } from "./discarded_output.ts";
import { awaitLoggerReady, readyDescriptor } from "./logger_ready.ts";
import { openPipes, type Pipe } from "./pipe.ts";
import type { StdioOwner } from "./stdio_owner.ts";
import { isStillWritten } from "./still_written.ts";
import type { LoggerUri } from "./uri.ts";

/** How long a logging program is given, in milliseconds. */
export interface LoggerDeadlines {
  /** To say that it is ready. */
  readonly ready: number;
  /** To end by itself once its container is deleted, because its pipes have ended. */
  readonly rest: number;
  /** To end after SIGTERM, before SIGKILL: containerd's own twelve seconds. */
  readonly terminate: number;
}

const usualDeadlines: LoggerDeadlines = { ready: 10_000, rest: 1_000, terminate: 12_000 };

/** Which streams of the process a program logs. */
export type LoggedStreams = readonly (1 | 2)[];

/**
 * A program that takes the output of a process (`binary://`, `binary-v2://`): `/path k v ...` with CONTAINER_ID and
 * CONTAINER_NAMESPACE as its whole environment, standard output's pipe as descriptor 3, standard error's as 4, and 5
 * for saying that it is ready (containerd: core/runtime/v2/README.md and cmd/containerd-shim-runc-v2/process/io.go).
 */
export class LoggingProgram {
  readonly #uri: LoggerUri;
  readonly #owner: StdioOwner;
  readonly #deadlines: LoggerDeadlines;
  readonly #pipes: readonly Pipe[];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #discarded: DiscardedOutput | undefined;
  #closing = false;

  private constructor(
    uri: LoggerUri,
    child: ChildProcess,
    pipes: readonly Pipe[],
    owner: StdioOwner,
    deadlines: LoggerDeadlines,
  ) {
    this.#uri = uri;
    this.#child = child;
    this.#pipes = pipes;
    this.#owner = owner;
    this.#deadlines = deadlines;
    this.#ended = new Promise((resolve) => child.once("exit", resolve));
  }

  /**
   * Starts the program and waits until it is ready. On an error nothing of it is left.
   * @throws RundError notFound and the like when it cannot be run, deadlineExceeded when it never gets ready
   */
  static async start(
    uri: LoggerUri,
    streams: LoggedStreams,
    owner: StdioOwner,
    deadlines = usualDeadlines,
  ): Promise<LoggingProgram> {
    const pipes = await openPipes(owner.folder, streams.length);
    try {
      const child = await spawnLogger(uri, streams, pipes, owner);
      const program = new LoggingProgram(uri, child, pipes, owner, deadlines);
      for (const pipe of pipes) pipe.close("read");
      await program.#awaitReady();
      void program.#ended.then(() => program.#handleEnd());
      return program;
    } catch (error) {
      for (const pipe of pipes) pipe.close("read", "write", "keeper");
      throw systemError(`stdio ${uri.text}`, error);
    }
  }

  /** The writing ends for the process, in the order of the streams; whoever takes them closes them. */
  takeEnds(): readonly number[] {
    return this.#pipes.flatMap((pipe) => pipe.take("write") ?? []);
  }

  /** Reading ends, through which can be seen what the program has not read yet. */
  get keepers(): readonly number[] {
    return this.#pipes.flatMap((pipe) => pipe.end("keeper") ?? []);
  }

  /** Ends the program, which has seen the end of its pipes before unless something still holds them. */
  async close(): Promise<void> {
    this.#closing = true;
    const { rest, terminate } = this.#deadlines;
    if (!(await this.#endsWithin(rest))) {
      this.#child.kill("SIGTERM");
      if (!(await this.#endsWithin(terminate))) {
        this.#owner.logger.warn(`stdio ${this.#uri.text}: does not end at SIGTERM, killing it`);
        this.#child.kill("SIGKILL");
        await this.#ended;
      }
    }
    this.#release();
  }

  async #awaitReady(): Promise<void> {
    // Its type ends at the fifth.
    const stdio: readonly unknown[] = this.#child.stdio;
    try {
      await awaitLoggerReady(this.#uri, stdio[readyDescriptor] as Readable, this.#deadlines.ready);
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    }
  }

  async #endsWithin(milliseconds: number): Promise<boolean> {
    const timer = new AbortController();
    const late = delay(milliseconds, false, { signal: timer.signal }).catch(() => false);
    const inTime = await Promise.race([this.#ended.then(() => true), late]);
    timer.abort();
    return inTime;
  }

  /** A program that dies must not stop the process at a full pipe, nor with SIGPIPE: somebody has to read on. */
  #handleEnd(): void {
    if (this.#closing) return;
    const how = this.#child.signalCode ?? `status ${this.#child.exitCode}`;
    const subject = `stdio ${this.#uri.text}: logging program ended with ${how}`;
    if (isStillWritten(this.keepers)) {
      this.#owner.logger.error(`${subject}; what ${this.#owner.id} writes from now on is lost`);
      this.#discarded = new DiscardedOutput(this.keepers);
    } else if (this.#child.exitCode !== 0) this.#owner.logger.warn(subject);
  }

  #release(): void {
    this.#discarded?.stop();
    for (const pipe of this.#pipes) pipe.close("keeper");
  }
}

/** Rejects with a system error when the program cannot be run. */
async function spawnLogger(
  uri: LoggerUri,
  streams: LoggedStreams,
  pipes: readonly Pipe[],
  owner: StdioOwner,
): Promise<ChildProcess> {
  // It finds both descriptors open, also where it takes one stream: "ignore" would leave 3 and 4 closed under Node.
  const nothing = openSync("/dev/null", "r");
  const end = (stream: 1 | 2) => pipes[streams.indexOf(stream)]?.end("read") ?? nothing;
  try {
    const child = spawn(uri.path, uri.args, {
      cwd: "/",
      env: { CONTAINER_ID: owner.id, CONTAINER_NAMESPACE: owner.namespace },
      // A session of its own: no signal for the shim's process group reaches it.
      detached: true,
      stdio: ["ignore", "ignore", "ignore", end(1), end(2), "pipe"],
    });
    if (child.pid === undefined) throw (await once(child, "error"))[0];
    return child;
  } finally {
    closeSync(nothing);
  }
}
