import type { Socket } from "node:net";
import type { ServerOptions } from "./server_options.ts";

/**
 * Writes answers to a client that may not read them. What piles up is bounded: first no more requests are
 * read, then the connection is dropped.
 */
export class ResponseWriter {
  readonly #socket: Socket;
  readonly #options: Required<ServerOptions>;
  #stall: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: Required<ServerOptions>) {
    this.#socket = socket;
    this.#options = options;
    socket.on("drain", () => this.#resume());
    socket.on("close", () => clearTimeout(this.#stall));
  }

  /** Writes one whole frame; nothing happens when the connection is gone. */
  write(frame: Buffer): void {
    const socket = this.#socket;
    if (!socket.writable || socket.write(frame)) return;
    if (socket.writableLength > this.#options.maxBufferedBytes) this.#drop("buffer full");
    else if (socket.writableLength > this.#options.pauseBytes) this.#pause();
  }

  #pause(): void {
    if (this.#stall !== undefined) return;
    this.#socket.pause();
    this.#stall = setTimeout(() => this.#drop("stalled"), this.#options.stallMs).unref();
  }

  #resume(): void {
    if (this.#stall === undefined) return;
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#socket.resume();
  }

  #drop(reason: string): void {
    const unread = this.#socket.writableLength;
    this.#options.logger.warn("ttrpc client does not read its answers, connection dropped", {
      reason,
      unread,
    });
    this.#socket.destroy();
  }
}
