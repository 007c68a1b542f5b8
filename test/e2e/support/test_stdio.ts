import { mkdir } from "node:fs/promises";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import type { StdioRequest } from "../../harness/api_types.ts";
import { BackgroundCommand } from "../../harness/background_command.ts";
import { testFolder } from "../../harness/shared.ts";
import { uniqueId } from "../../harness/unique_id.ts";

export interface TestStdioOptions {
  readonly terminal?: boolean;
  /** Whether there is a standard input; without one the process reads from nothing. */
  readonly stdin?: boolean;
}

/**
 * The client's side of one process's stdio: fifos that `cat` reads and writes as containerd's clients do, so each
 * stream ends when its last writer is gone.
 */
export class TestStdio {
  readonly request: StdioRequest;
  readonly stdout: BackgroundCommand;
  readonly stderr: BackgroundCommand | undefined;
  readonly #input: BackgroundCommand | undefined;

  private constructor(request: StdioRequest) {
    this.request = request;
    this.stdout = new BackgroundCommand("cat", [request.stdout ?? ""], { input: "" });
    this.stderr = request.stderr ? new BackgroundCommand("cat", [request.stderr], { input: "" }) : undefined;
    this.#input = request.stdin
      ? new BackgroundCommand("sh", ["-c", 'exec cat >"$0"', request.stdin])
      : undefined;
    onTestFinished(() => {
      for (const command of [this.stdout, this.stderr, this.#input]) command?.kill();
    });
  }

  static async open(options: TestStdioOptions = {}): Promise<TestStdio> {
    const folder = `${await testFolder()}/${uniqueId("io")}`;
    await mkdir(folder);
    const { terminal = false, stdin = false } = options;
    const stdout = `${folder}/stdout`;
    const more = {
      ...(stdin && { stdin: `${folder}/stdin` }),
      ...(!terminal && { stderr: `${folder}/stderr` }),
    };
    await execa("mkfifo", [stdout, ...Object.values(more)]);
    return new TestStdio({ stdout, ...more, terminal });
  }

  /** Writes to the process's standard input, once the shim has opened it. */
  write(data: string | Uint8Array): void {
    if (this.#input === undefined) throw new Error("stdio: there is no standard input");
    this.#input.stdin.write(data);
  }

  /** Closes the client's end of standard input. */
  end(): void {
    this.#input?.stdin.end();
  }

  /** All output, once every writer has closed it. */
  async output(): Promise<{ stdout: string; stderr: string }> {
    const [stdout, stderr] = await Promise.all([this.stdout.result, this.stderr?.result]);
    return { stdout: stdout.stdout, stderr: stderr?.stdout ?? "" };
  }
}
