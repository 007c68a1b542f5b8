import type { Socket } from "node:net";
import { type LaunchAnswer, parseLaunchAnswer } from "./launch_answer.ts";

/**
 * The shim's end of the launcher's control descriptor: NUL-terminated texts both ways. `onAnswer` gets each answer, and
 * `closed` once when the line has ended, by close-on-exec or by the launcher's death.
 */
export class ControlLine {
  readonly #socket: Socket;
  readonly #onAnswer: (answer: LaunchAnswer) => void;
  #pending = "";
  #closed = false;

  constructor(socket: Socket, onAnswer: (answer: LaunchAnswer) => void) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#receive(text));
    // A launcher that dies while we write resets the line; its end is what counts, and "close" tells that.
    socket.on("error", () => {});
    socket.on("end", () => this.#close());
    socket.on("close", () => this.#close());
  }

  /** Sends bytes that carry their own NULs. */
  write(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Sends one message. */
  send(message: string): void {
    this.write(Buffer.from(`${message}\0`));
  }

  /** Sends one message, and resolves when it is on its way for good: this process may end then. */
  sendWhole(message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(`${message}\0`, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends the line: a launcher that still waits on it ends too. */
  close(): void {
    this.#close();
  }

  #receive(text: string): void {
    const messages = (this.#pending + text).split("\0");
    this.#pending = messages.pop() ?? "";
    for (const message of messages) this.#onAnswer(parseLaunchAnswer(message));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#onAnswer({ kind: "closed" });
  }
}
