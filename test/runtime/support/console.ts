import { fileURLToPath } from "node:url";
import { BackgroundCommand } from "../../harness/background_command.ts";

/** Who listens on a console socket, and shows what comes on the terminal that it is sent. */
export class Console {
  /** For `--console-socket`. */
  readonly socket: string;
  readonly #receiver: BackgroundCommand;

  private constructor(socket: string, receiver: BackgroundCommand) {
    this.socket = socket;
    this.#receiver = receiver;
  }

  /** `folder` may have a longer path than a socket's may be. */
  static async listen(folder: string, columns = 80, rows = 24): Promise<Console> {
    const program = fileURLToPath(new URL("console_receiver.py", import.meta.url));
    const args = [program, "tty.sock", String(columns), String(rows)];
    const receiver = new BackgroundCommand("/usr/bin/python3", args, { cwd: folder });
    await receiver.waitFor(/listening\n/);
    return new Console(`${folder}/tty.sock`, receiver);
  }

  /** Everything so far. */
  get output(): string {
    return this.#receiver.output;
  }

  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#receiver.waitFor(pattern);
  }

  type(keys: string): void {
    this.#receiver.stdin.write(keys);
  }

  /** Resolves when the terminal has been closed by all that were on it. */
  async closed(): Promise<void> {
    await this.#receiver.result;
  }
}
