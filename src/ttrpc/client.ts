import type { Socket } from "node:net";
import { Code, RundError } from "../common/error.ts";
import type { Decoder, Encoder } from "../proto/codec.ts";
import { Request, Response } from "../proto/generated/ttrpc/request.ts";
import { connectSocket } from "./connect_socket.ts";
import { encodeFrame, type Frame, FrameType, oversized } from "./frame.ts";
import { FrameReader } from "./frame_reader.ts";
import { encodeMetadata } from "./metadata.ts";
import { PendingCalls } from "./pending_calls.ts";
import { fromStatus } from "./status.ts";

export interface CallOptions {
  /** How long to wait for the answer; the server is told. Without it there is no limit. */
  readonly timeoutMs?: number;
  /** Sent beside the request, e.g. the namespace under `namespaceKey`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const nanosPerMs = 1_000_000;
const maxStreamId = 0xffff_ffff;

/** Unsent requests, in bytes, at which calls are refused: the server does not read. */
const maxBufferedBytes = 32 << 20;

/**
 * One connection to a ttrpc server. Calls run side by side; when the connection is lost all of them, and all later
 * ones, fail with `unavailable` "ttrpc: closed".
 */
export class TtrpcClient {
  /** Resolves when the connection is gone, whichever side closed it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new PendingCalls();
  #nextStreamId = 1;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader({
      onFrame: (frame) => this.#onFrame(frame),
      onOversized: (streamId, length) => this.#pending.reject(streamId, oversized(length)),
    });
    socket.on("data", (chunk: Buffer) => reader.push(chunk));
    // The reason of a loss is of no use to callers: they see "ttrpc: closed" from the close that follows.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => socket.once("close", () => resolve(this.#onClose())));
  }

  /**
   * Connects to the server at a unix socket. RundError `unavailable` with the errno text when nobody listens there
   * or `timeoutMs` passes, `invalidArgument` for a path that no socket can have.
   */
  static async connect(path: string, options: { readonly timeoutMs?: number } = {}): Promise<TtrpcClient> {
    return new TtrpcClient(await connectSocket(path, options.timeoutMs));
  }

  /** A client on a socket that is open already; from here on the socket is the client's. */
  static attach(socket: Socket): TtrpcClient {
    return new TtrpcClient(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Sends a request's bytes and returns the response's. Throws a RundError: the server's own code and text,
   * `deadlineExceeded` after `timeoutMs`, `resourceExhausted` when the request or the answer is over 4 MiB.
   */
  async call(
    service: string,
    method: string,
    payload: Uint8Array,
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    this.#checkWritable();
    const streamId = this.#nextStreamId;
    const frame = encodeRequest(streamId, service, method, payload, options);
    this.#nextStreamId += 2;
    const answer = this.#pending.add(streamId, `${service}/${method}`, options.timeoutMs);
    this.#socket.write(frame);
    return answer;
  }

  /** `call` with messages instead of bytes. */
  async invoke<Req, Res>(
    service: string,
    method: string,
    requestCodec: Encoder<Req>,
    responseCodec: Decoder<Res>,
    request: Req,
    options: CallOptions = {},
  ): Promise<Res> {
    const payload = requestCodec.encode(request).finish();
    return responseCodec.decode(await this.call(service, method, payload, options));
  }

  /** Closes the connection; open calls fail. */
  close(): void {
    this.#onClose();
    this.#socket.destroy();
  }

  #checkWritable(): void {
    // Ids must increase, so a connection that has used them up is of no more use.
    if (this.#nextStreamId > maxStreamId) this.close();
    if (this.#isClosed || !this.#socket.writable) throw closedError();
    if (this.#socket.writableLength > maxBufferedBytes) {
      throw new RundError(Code.resourceExhausted, "ttrpc: the server does not read its requests");
    }
  }

  /** Frames that are no answers are ignored, as are answers that nobody waits for any more. */
  #onFrame({ streamId, type, payload }: Frame): void {
    if (type === FrameType.data) this.#pending.reject(streamId, unexpectedStream());
    if (type !== FrameType.response) return;
    try {
      const response = Response.decode(payload);
      const error = fromStatus(response.status);
      if (error === undefined) this.#pending.resolve(streamId, response.payload);
      else this.#pending.reject(streamId, error);
    } catch (cause) {
      const reason = RundError.from(cause).message;
      this.#pending.reject(
        streamId,
        new RundError(Code.internal, `malformed response: ${reason}`, { cause }),
      );
    }
  }

  #onClose(): void {
    this.#isClosed = true;
    this.#pending.rejectAll(closedError());
  }
}

function encodeRequest(
  streamId: number,
  service: string,
  method: string,
  payload: Uint8Array,
  options: CallOptions,
): Buffer {
  const request = Request.encode({
    service,
    method,
    payload,
    timeoutNano: BigInt(Math.ceil((options.timeoutMs ?? 0) * nanosPerMs)),
    metadata: encodeMetadata(options.metadata ?? {}),
  }).finish();
  return encodeFrame({ streamId, type: FrameType.request, flags: 0, payload: request });
}

function closedError(): RundError {
  return new RundError(Code.unavailable, "ttrpc: closed");
}

function unexpectedStream(): RundError {
  return new RundError(Code.internal, "ttrpc: the server answered with a stream");
}
