import { type ChildProcess, spawn } from "node:child_process";
import { Writable } from "node:stream";
import type { CommandOptions } from "./background_command.ts";
import { shellStatus } from "./command_result.ts";
import { OutputMatcher } from "./output_matcher.ts";
import { projectFolder } from "./project_paths.ts";

/** A shell's question where the cursor stands, behind every prompt; it does without an answer. */
const cursorQuery = "\x1b[6n";

export interface PtyOptions extends Omit<CommandOptions, "input"> {
  /** Size of the terminal at the start, in characters; 80 by 24. */
  readonly columns?: number;
  readonly rows?: number;
}

/** A program on a terminal, driven as a person would: keys in, screen text out, a window that can be resized. */
export class PtySession {
  /** How the program ended, 128 plus the number for a signal; rejects when the timeout killed it. */
  readonly exitCode: Promise<number>;
  readonly #child: ChildProcess;
  readonly #matcher = new OutputMatcher();

  constructor(program: string, args: readonly string[], options: PtyOptions = {}) {
    const size = [String(options.columns ?? 80), String(options.rows ?? 24)];
    // python3 has pseudo terminals in its standard library; Node has none.
    const argv = [`${projectFolder}/test/harness/pty_driver.py`, ...size, program, ...args];
    const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
    const env = { ...process.env, TERM: "xterm", ...options.env };
    this.#child = spawn("/usr/bin/python3", argv, {
      stdio: ["pipe", "pipe", "inherit", "pipe"],
      env,
      ...cwd,
    });
    // A program may end with keys and changes of its window unread.
    for (const stream of [this.#child.stdin, this.#child.stdio[3]]) stream?.on("error", () => undefined);
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#matcher.add(text.replaceAll(cursorQuery, ""));
    });
    this.exitCode = this.#waitForEnd(options.timeout ?? 60_000);
    this.exitCode.catch(() => undefined);
  }

  /** Everything that came on the terminal so far. */
  get output(): string {
    return this.#matcher.text;
  }

  /** Types text; `"\x03"` is ^C, `"\r"` the return key. */
  write(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Changes the window's size; the program gets SIGWINCH. */
  resize(columns: number, rows: number): void {
    const control = this.#child.stdio[3];
    if (control instanceof Writable) control.write(`${columns} ${rows}\n`);
  }

  /** Waits for a pattern behind the last match. */
  waitFor(pattern: RegExp, timeout = 30_000): Promise<RegExpExecArray> {
    return this.#matcher.waitFor(pattern, timeout);
  }

  /** Closes the terminal, as a closed window does: the program gets SIGHUP. */
  hangUp(): void {
    this.#child.kill("SIGKILL");
  }

  #waitForEnd(timeout: number): Promise<number> {
    return new Promise((resolve, reject) => {
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        this.#child.kill("SIGKILL");
      }, timeout);
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        clearTimeout(timer);
        this.#matcher.end();
        const name = this.#child.spawnargs.join(" ");
        if (timedOut) reject(new Error(`${name}: killed after ${timeout} ms\n${this.output.slice(-4000)}`));
        else resolve(shellStatus(code, signal));
      });
    });
  }
}
