import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { CommandResult, shellStatus } from "./command_result.ts";
import { OutputMatcher } from "./output_matcher.ts";

/** What a command runs with. Times are milliseconds. */
export interface CommandOptions {
  readonly input?: string | Uint8Array;
  /** After this long the command is killed and its result rejects. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const defaultTimeout = 60_000;

/** A command that runs while the test goes on. */
export class BackgroundCommand {
  /** The command's end; rejects only when it could not start or its timeout killed it. */
  readonly result: Promise<CommandResult>;
  /** Open until the caller ends it, unless the options gave the input. */
  readonly stdin: Writable;
  readonly #child: ChildProcess;
  readonly #matcher = new OutputMatcher();

  constructor(program: string, args: readonly string[], options: CommandOptions = {}) {
    const env = { ...process.env, ...options.env };
    const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env, ...cwd });
    this.#child = child;
    this.stdin = child.stdin;
    // A program that ends before it has read its input is the program's right.
    child.stdin.on("error", () => undefined);
    if (options.input !== undefined) child.stdin.end(options.input);
    this.result = this.#finish(child.stdout, child.stderr, options.timeout ?? defaultTimeout);
    this.result.catch(() => undefined);
  }

  /** Both streams so far, as they came. */
  get output(): string {
    return this.#matcher.text;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Waits for a pattern in either stream, behind the last match. */
  waitFor(pattern: RegExp, timeout = 30_000): Promise<RegExpExecArray> {
    return this.#matcher.waitFor(pattern, timeout);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#child.kill(signal);
  }

  async #finish(out: Readable, err: Readable, timeout: number): Promise<CommandResult> {
    const began = performance.now();
    const stdout = this.#collect(out);
    const stderr = this.#collect(err);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.#child.kill("SIGKILL");
      // What the command has left behind may hold the pipes open.
      out.destroy();
      err.destroy();
    }, timeout);
    try {
      const exit = await waitForClose(this.#child);
      this.#matcher.end();
      const took = performance.now() - began;
      const result = new CommandResult(exit, Buffer.concat(stdout), Buffer.concat(stderr), took);
      if (timedOut) throw new Error(`${this.#name()}: killed after ${timeout} ms\n${tail(this.output)}`);
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  #collect(stream: Readable): Buffer[] {
    const chunks: Buffer[] = [];
    let seen = 0;
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      seen += chunk.length;
      if (seen < 4 << 20) this.#matcher.add(chunk.toString("utf8"));
    });
    return chunks;
  }

  #name(): string {
    return this.#child.spawnargs.join(" ");
  }
}

function waitForClose(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(shellStatus(code, signal)));
  });
}

function tail(text: string): string {
  return text.length > 4000 ? `…${text.slice(-4000)}` : text;
}
