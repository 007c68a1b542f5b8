import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { Response } from "../../../src/proto/generated/ttrpc/request.ts";
import { TtrpcClient } from "../../../src/ttrpc/client.ts";
import type { Frame } from "../../../src/ttrpc/frame.ts";
import { FrameReader } from "../../../src/ttrpc/frame_reader.ts";
import { createTtrpcServer, type TtrpcServer } from "../../../src/ttrpc/server.ts";
import type { ServerOptions } from "../../../src/ttrpc/server_options.ts";
import type { Services } from "../../../src/ttrpc/service.ts";

const cleanups: (() => Promise<void> | void)[] = [];

/** Runs `cleanup` after the current test, last registered first. */
export function afterTest(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A path for a socket in a folder that goes away with the test. */
export function socketPath(): string {
  const dir = mkdtempSync(join(tmpdir(), "ttrpc-"));
  afterTest(() => rmSync(dir, { recursive: true }));
  return join(dir, "s");
}

export interface Running {
  readonly path: string;
  readonly server: TtrpcServer;
}

/** A server of `services` on a real unix socket. */
export async function startServer(services: Services, options: ServerOptions = {}): Promise<Running> {
  const path = socketPath();
  const server = createTtrpcServer(services, options);
  await new Promise<void>((resolve) => server.server.listen(path, resolve));
  afterTest(() => server.close(0));
  return { path, server };
}

/** A server and a client that is connected to it. */
export async function startPair(services: Services, options: ServerOptions = {}) {
  const running = await startServer(services, options);
  const client = await TtrpcClient.connect(running.path);
  afterTest(() => client.close());
  return { ...running, client };
}

/** A client that sends whatever bytes a test wants and hands out the frames that come back. */
export class RawPeer {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #frames: Frame[] = [];
  #wake: () => void = () => undefined;

  constructor(path: string) {
    this.socket = connect({ path });
    const reader = new FrameReader({
      onFrame: (frame) => {
        this.#frames.push(frame);
        this.#wake();
      },
      onOversized: () => undefined,
    });
    this.socket.on("data", (chunk: Buffer) => reader.push(chunk));
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    afterTest(() => void this.socket.destroy());
  }

  async nextFrame(): Promise<Frame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next frame as a response, with the stream it is for. */
  async nextResponse(): Promise<{ streamId: number; response: Response }> {
    const { streamId, payload } = await this.nextFrame();
    return { streamId, response: Response.decode(payload) };
  }
}
