import type { Socket } from "node:net";
import { Code, RundError } from "../common/error.ts";
import { Request } from "../proto/generated/ttrpc/request.ts";
import { Call } from "./call_context.ts";
import { type Frame, FrameFlag, FrameType, oversized } from "./frame.ts";
import { FrameReader } from "./frame_reader.ts";
import { encodeFailure, encodeSuccess } from "./response.ts";
import { ResponseWriter } from "./response_writer.ts";
import { type ServerOptions, withDefaults } from "./server_options.ts";
import { findMethod, type Services } from "./service.ts";
import { toStatus } from "./status.ts";

/**
 * One client's connection. Calls run side by side and are answered in the order they end, because a Wait stays
 * open for its process's life. No call can end more than itself; only a hopeless peer loses its connection.
 */
export class ServerConnection {
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #services: Services;
  readonly #options: Required<ServerOptions>;
  readonly #writer: ResponseWriter;
  readonly #reader: FrameReader;
  readonly #calls = new Map<number, Call>();
  /** How many calls of a method are handled. */
  readonly #pending = new Map<string, number>();
  #idleWaiters: (() => void)[] = [];
  #lastStreamId = 0;
  #violations = 0;

  constructor(socket: Socket, services: Services, options: ServerOptions = {}) {
    this.#socket = socket;
    this.#services = services;
    this.#options = withDefaults(options);
    this.#writer = new ResponseWriter(socket, this.#options);
    this.#reader = new FrameReader({
      onFrame: (frame) => this.#onFrame(frame),
      onOversized: (streamId, length) => this.#refuse(streamId, oversized(length)),
    });
    socket.on("data", (chunk: Buffer) => this.#reader.push(chunk));
    socket.on("error", ({ message }) => this.#options.logger.debug("ttrpc connection failed", { message }));
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    void this.closed.then(() => this.#onClose());
  }

  /** Calls whose handler has not settled. */
  get activeCalls(): number {
    return this.#calls.size;
  }

  /** Resolves once no call is being handled and all answers have been handed to the socket. */
  idle(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Closes when the answers written so far have gone out; reads no more requests. */
  close(): void {
    this.#reader.stop();
    this.#socket.destroySoon();
  }

  /** Closes at once, whatever is still to be written. */
  destroy(): void {
    this.#reader.stop();
    this.#socket.destroy();
  }

  #onFrame(frame: Frame): void {
    if (this.#isIgnored(frame)) {
      this.#countViolation();
      return;
    }
    try {
      this.#accept(frame);
    } catch (reason) {
      this.#refuse(frame.streamId, RundError.from(reason));
    }
  }

  /**
   * Types of a later protocol are to be ignored, and so is a response, which no client sends. Data for a running
   * call is too: an error would be taken for the answer of the call.
   */
  #isIgnored({ streamId, type }: Frame): boolean {
    if (type === FrameType.data) return this.#calls.has(streamId);
    return type !== FrameType.request;
  }

  /** Starts a call, or throws what is wrong with the frame. */
  #accept(frame: Frame): void {
    const { streamId, type } = frame;
    if (streamId % 2 !== 1) throw invalid(`stream ${streamId}: a client's ids must be odd`);
    // No method takes a stream, so there is none that data could belong to.
    if (type === FrameType.data) throw invalid(`stream ${streamId}: not active`);
    if (streamId <= this.#lastStreamId) {
      throw invalid(`stream ${streamId}: ids must increase, the last was ${this.#lastStreamId}`);
    }
    this.#lastStreamId = streamId;
    const request = decodeRequest(frame);
    this.#violations = 0;
    if (!this.#hasRoom(request.method)) {
      this.#writer.write(encodeFailure(streamId, toStatus(tooManyCalls(request.method))));
      return;
    }
    // A handler can throw what not even String() takes; that must not become an unhandled rejection.
    this.#run(streamId, request).catch(() => this.destroy());
  }

  #hasRoom(method: string): boolean {
    return (this.#pending.get(method) ?? 0) < this.#options.maxPendingCalls;
  }

  #count(method: string, change: 1 | -1): void {
    const count = (this.#pending.get(method) ?? 0) + change;
    if (count === 0) this.#pending.delete(method);
    else this.#pending.set(method, count);
  }

  async #run(streamId: number, request: Request): Promise<void> {
    const call = new Call(request);
    this.#calls.set(streamId, call);
    this.#count(request.method, 1);
    const frame = await this.#answer(streamId, request, call);
    call.finish();
    this.#calls.delete(streamId);
    this.#count(request.method, -1);
    this.#writer.write(frame);
    if (this.#calls.size === 0) this.#wakeIdleWaiters();
  }

  async #answer(streamId: number, request: Request, call: Call): Promise<Buffer> {
    try {
      const method = findMethod(this.#services, request.service, request.method);
      return encodeSuccess(streamId, await method(request.payload, call.context));
    } catch (reason) {
      if (!(reason instanceof RundError)) this.#logFault(request.method, reason);
      return encodeFailure(streamId, toStatus(reason));
    }
  }

  /** Anything but a RundError is a fault in a handler: the client gets its text, the log where it came from. */
  #logFault(method: string, reason: unknown): void {
    const stack = reason instanceof Error ? reason.stack : undefined;
    this.#options.logger.error("ttrpc handler failed", { method, stack });
  }

  #refuse(streamId: number, error: RundError): void {
    this.#writer.write(encodeFailure(streamId, toStatus(error)));
    this.#countViolation();
  }

  #countViolation(): void {
    this.#violations++;
    if (this.#violations < this.#options.maxViolations) return;
    this.#options.logger.warn("ttrpc client does not speak the protocol, connection dropped");
    this.destroy();
  }

  #onClose(): void {
    this.#reader.stop();
    const reason = new RundError(Code.canceled, "ttrpc: connection closed");
    for (const call of this.#calls.values()) call.cancel(reason);
  }

  #wakeIdleWaiters(): void {
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }
}

/** A caller that keeps its side open would send its message as data, which no method takes. */
function decodeRequest({ flags, payload }: Frame): Request {
  let request: Request;
  try {
    request = Request.decode(payload);
  } catch (cause) {
    throw invalid(`request: malformed: ${RundError.from(cause).message}`);
  }
  if ((flags & FrameFlag.remoteOpen) === 0) return request;
  throw invalid(`method ${request.method}: does not take a stream`);
}

function tooManyCalls(method: string): RundError {
  return new RundError(Code.resourceExhausted, `${method}: too many pending calls`);
}

function invalid(message: string): RundError {
  return new RundError(Code.invalidArgument, message);
}
