import { type ChildProcess, spawn } from "node:child_process";
import { Deferred } from "../common/deferred.ts";
import { Code, RundError } from "../common/error.ts";
import type { LauncherResult } from "../platform/run_launcher.ts";
import { type TreeAnswer, TreeAnswerReader, treeRequest } from "./tree_frames.ts";

/** One life of `rund-jail trees`, which runs the launcher's commands for trees, each in a process of its own. */
export class TreeLauncher {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #answers = new TreeAnswerReader();
  readonly #waiting = new Map<number, Deferred<LauncherResult>>();
  #last = 0;

  /**
   * @param ended called once it takes no more requests
   * @throws RundError internal when it cannot be run at all, or it rejects the first requests with that
   */
  constructor(launcher: string, ended: () => void) {
    this.#child = trySpawn(launcher);
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      for (const answer of this.#answers.read(chunk)) this.#settle(answer);
    });
    const reason = new Deferred<string>();
    this.#child.once("error", ({ message }) => reason.resolve(message));
    // Not at its exit: answers may still be in the stream.
    this.#child.once("close", () => reason.resolve("ended before it had answered"));
    this.#ended = reason.promise.then((text) => {
      ended();
      for (const result of this.#waiting.values()) result.reject(failure(text));
      this.#waiting.clear();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Runs one command; see {@link TreeCommands.run}. */
  async run(args: readonly string[], signal?: AbortSignal): Promise<LauncherResult> {
    const id = ++this.#last;
    const result = new Deferred<LauncherResult>();
    this.#waiting.set(id, result);
    const giveUp = () => void this.#child.stdin?.write(treeRequest(id, []));
    this.#child.stdin?.write(treeRequest(id, args));
    if (signal?.aborted) giveUp();
    signal?.addEventListener("abort", giveUp);
    try {
      return await result.promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Ends it with what is under way. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }

  #settle({ id, status, printed }: TreeAnswer): void {
    const result = this.#waiting.get(id);
    this.#waiting.delete(id);
    const isAnswer = status === 0;
    // A command prints its answer, or why there is none.
    result?.resolve({
      status,
      stdout: isAnswer ? printed : Buffer.alloc(0),
      stderr: isAnswer ? "" : printed.toString(),
    });
  }
}

function trySpawn(launcher: string): ChildProcess {
  try {
    // A signal from the terminal is for the daemon, which ends in order: hence the session of its own.
    const stdio = ["pipe", "pipe", "ignore"] as const;
    return spawn(launcher, ["trees"], { cwd: "/", env: {}, stdio: [...stdio], detached: true });
  } catch (error) {
    throw failure(error instanceof Error ? error.message : String(error));
  }
}

function failure(reason: string): RundError {
  return new RundError(Code.internal, `launcher: ${reason}`);
}
