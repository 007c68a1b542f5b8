import type { ChildProcess } from "node:child_process";
import { Deferred } from "../common/deferred.ts";
import { Code, errnoOf, RundError, systemError } from "../common/error.ts";
import { ControlLine } from "./control_line.ts";
import { exitStatus } from "./exit_status.ts";
import type {
  JailedProcess,
  JailProcessOptions,
  LateInput,
  ProcessExit,
  TerminalSize,
} from "./jailed_process.ts";
import type { LaunchAnswer } from "./launch_answer.ts";
import type { SpawnedLauncher } from "./spawn_launcher.ts";

type LaunchedStreams = Pick<JailProcessOptions, "terminal" | "input">;

/** A launcher that was spawned, and the jailed process it becomes or, with a terminal, relays for. */
export class LaunchedProcess implements JailedProcess {
  readonly exited: Promise<ProcessExit>;
  readonly #line: ControlLine;
  #terminal = false;
  #input: LateInput | undefined;
  readonly #ready = new Deferred<number>();
  readonly #running = new Deferred<void>();
  #pid = 0;
  #startAsked = false;
  #startSeen = false;
  #ended = false;
  #endedAt: Date | undefined;

  constructor({ child, control }: SpawnedLauncher) {
    this.exited = this.#watchExit(child);
    this.#line = new ControlLine(control, (answer) => this.#take(answer));
    // Nobody may ever ask for the start; its failure is then no unhandled rejection.
    this.#running.promise.catch(() => {});
  }

  get pid(): number {
    return this.#pid;
  }

  /** Sends the request and waits for the gate; after a failure, also for the launcher's end. */
  async launch(request: Buffer, { terminal, input }: LaunchedStreams): Promise<JailedProcess> {
    this.#terminal = terminal;
    this.#input = input;
    this.#line.write(request);
    try {
      this.#pid = await this.#ready.promise;
    } catch (error) {
      await this.exited;
      throw error;
    }
    return this;
  }

  /**
   * The same, and opens the gate at once; rejects too when the program cannot be executed. All words go in one piece: a
   * second one could meet a launcher that has failed and gone by then, and with it the line, its error unread, would be
   * lost. The input is held open before, so that the launcher need not wait until it is: whoever starts a process has
   * heard of it, and its CloseIO is not lost.
   */
  async launchAndStart(request: Buffer, { terminal, input }: LaunchedStreams): Promise<JailedProcess> {
    this.#startAsked = true;
    const release = input?.hold();
    try {
      await this.launch(Buffer.concat([request, Buffer.from(input ? "start\0kept\0" : "start\0")]), {
        terminal,
      });
      await this.#running.promise;
    } finally {
      release?.();
    }
    return this;
  }

  /** Ends a launcher that was asked for nothing, or failed. */
  async cancel(): Promise<void> {
    this.#ready.promise.catch(() => {});
    this.#line.close();
    await this.exited;
  }

  start(): Promise<void> {
    if (this.#startAsked) {
      return Promise.reject(
        new RundError(Code.failedPrecondition, `process ${this.#pid}: is started already`),
      );
    }
    this.#startAsked = true;
    this.#line.send("start");
    return this.#running.promise;
  }

  async leave(): Promise<void> {
    this.#startAsked = true;
    await this.#line.sendWhole("leave");
  }

  signal(signal: number): boolean {
    if (this.#ended) return false;
    try {
      process.kill(this.#pid, signal);
      return true;
    } catch (error) {
      if (errnoOf(error) === "ESRCH") return false;
      throw systemError(`signal ${signal}`, error);
    }
  }

  resize(size?: TerminalSize): void {
    if (!this.#terminal || this.#ended) return;
    this.#line.send(size === undefined ? "resize" : `resize ${size.width} ${size.height}`);
  }

  #take(answer: LaunchAnswer): void {
    switch (answer.kind) {
      case "ready":
        this.#ready.resolve(answer.pid);
        break;
      case "input":
        this.#keepInput();
        break;
      case "started":
        this.#startSeen = true;
        break;
      case "error":
        this.#ready.reject(answer.error);
        this.#running.reject(answer.error);
        break;
      case "closed":
        this.#takeClosed();
        break;
      case "exited":
        // The relay reaps the process only after this word of ours, so no signal can hit another process's pid.
        this.#end();
        this.#line.send("bye");
        break;
    }
  }

  /** Without one it has been answered before it was asked. */
  #keepInput(): void {
    if (this.#input === undefined) return;
    this.#input.keep();
    this.#line.send("kept");
  }

  /** The line closes at exec; without `started` before, the process has ended at the gate or before it. */
  #takeClosed(): void {
    if (this.#startSeen) {
      this.#running.resolve();
      return;
    }
    this.#ready.reject(new RundError(Code.internal, "launcher: ended before the process was ready"));
    this.#running.reject(
      new RundError(Code.failedPrecondition, `process ${this.#pid}: ended before its start`),
    );
  }

  #end(): void {
    this.#ended = true;
    this.#endedAt ??= new Date();
  }

  #watchExit(child: ChildProcess): Promise<ProcessExit> {
    return new Promise((resolve) => {
      // "exit", not "close": an output that someone else holds open must not delay the end of the process.
      child.once("exit", (code, signal) => {
        this.#end();
        resolve({ status: exitStatus(code, signal), exitedAt: this.#endedAt ?? new Date() });
      });
    });
  }
}
