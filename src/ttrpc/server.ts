import { createServer, type Server, type Socket } from "node:net";
import { ServerConnection } from "./server_connection.ts";
import type { ServerOptions } from "./server_options.ts";
import type { Services } from "./service.ts";

/** Answers the calls that come in over one open connection, until it closes. */
export function serveConnection(
  socket: Socket,
  services: Services,
  options: ServerOptions = {},
): ServerConnection {
  return new ServerConnection(socket, services, options);
}

/** A server for `services`; see TtrpcServer. */
export function createTtrpcServer(services: Services, options: ServerOptions = {}): TtrpcServer {
  return new TtrpcServer(services, options);
}

/** Serves every connection of a `net.Server`; where that listens, and its errors, are the caller's. */
export class TtrpcServer {
  readonly server: Server;
  readonly #connections = new Set<ServerConnection>();

  constructor(services: Services, options: ServerOptions = {}) {
    this.server = createServer((socket) => {
      const connection = serveConnection(socket, services, options);
      this.#connections.add(connection);
      socket.once("close", () => this.#connections.delete(connection));
    });
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Stops listening, gives running calls `graceMs` milliseconds to be answered, and closes all connections once
   * their answers have gone out. Resolves when the last is closed. A handler must not await it: it would wait for itself.
   */
  async close(graceMs = 1000): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.server.listening) this.server.close(() => resolve());
      else resolve();
    });
    await this.#settle(graceMs, (connection) => connection.idle());
    for (const connection of this.#connections) connection.close();
    await this.#settle(graceMs, (connection) => connection.closed);
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  /** Waits until `event` has come for all connections, at most `ms`. */
  async #settle(ms: number, event: (connection: ServerConnection) => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all([...this.#connections].map(event)), timeout]);
    clearTimeout(timer);
  }
}
