import { connect, type Socket } from "node:net";
import { Code, RundError, systemError } from "../../common/error.ts";
import { type Frame, FrameReader, frameFlag, frameHeader, frameType } from "./frame.ts";
import { decodeHeaders, encodeHeaders } from "./header_block.ts";
import { MessageReader, messagePrefix } from "./message_reader.ts";
import { SendQueue } from "./send_queue.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Settings by their numbers. */
const [headerTableSize, initialWindowSize] = [1, 4];

/** Of what has come, so much is told at once to be read: half of what a peer may send ahead. */
const acknowledged = 32_768;

/** The only stream of a connection. */
const ownStream = 1;

export interface UploadListener {
  answered(message: Buffer): void;
  /** The call is over; no error when it ended as it should. */
  ended(error?: RundError): void;
}

/**
 * A gRPC call that streams messages both ways, on a connection of its own. It is there for large content: Bun's HTTP/2 client,
 * seen with 1.4.5, sometimes stops for ever when the peer's window has been full.
 */
export class Upload {
  readonly #socket: Socket;
  readonly #listener: UploadListener;
  readonly #queue = new SendQueue(ownStream);
  readonly #frames = new FrameReader();
  readonly #messages = new MessageReader();
  #unacknowledged = 0;
  #block: Buffer = Buffer.alloc(0);
  #isOver = false;

  /** @param path of the method: `/SERVICE/METHOD` */
  constructor(
    socketPath: string,
    path: string,
    metadata: ReadonlyMap<string, string>,
    listener: UploadListener,
  ) {
    this.#listener = listener;
    this.#socket = connect(socketPath);
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#socket.on("drain", () => this.#flush());
    this.#socket.on("error", (error) => this.#end(systemError("containerd", error)));
    this.#socket.on("close", () =>
      this.#end(new RundError(Code.unavailable, "containerd: closed the connection")),
    );
    const pseudo = { ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost" };
    const own = { "content-type": "application/grpc", te: "trailers" };
    const block = encodeHeaders([...Object.entries(pseudo), ...Object.entries(own), ...metadata]);
    this.#socket.write(preface);
    // No table of headers, so that each comes with its name.
    this.#write(frameType.settings, 0, 0, Buffer.from([0, headerTableSize, 0, 0, 0, 0]));
    this.#write(frameType.headers, frameFlag.endHeaders, ownStream, block);
  }

  /** Whoever sends much waits for answers: what the peer has no room for is kept. */
  send(message: Uint8Array): void {
    const content = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    this.#queue.push(messagePrefix(message), content);
    this.#flush();
  }

  /** Gives up the connection; nobody is told of anything any more. */
  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #write(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#socket.write(Buffer.concat([frameHeader({ type, flags, stream }, payload.length), payload]));
  }

  #flush(): void {
    while (this.#queue.canSend && !this.#socket.writableNeedDrain) this.#socket.write(this.#queue.take());
  }

  #read(chunk: Buffer): void {
    for (const frame of this.#frames.read(chunk)) {
      if (this.#isOver) return;
      this.#handle(frame);
    }
  }

  #handle({ type, flags, stream, payload }: Frame): void {
    switch (type) {
      case frameType.data:
        this.#receive(payload);
        break;
      case frameType.headers:
      case frameType.continuation:
        this.#receiveHeaders(flags, type === frameType.headers, payload);
        break;
      case frameType.settings:
        this.#applySettings(flags, payload);
        break;
      case frameType.ping:
        if ((flags & frameFlag.ack) === 0) this.#write(frameType.ping, frameFlag.ack, 0, payload);
        break;
      case frameType.windowUpdate:
        this.#queue.window.give(stream, payload.readUInt32BE(0) & 0x7fffffff);
        this.#flush();
        break;
      case frameType.reset:
      case frameType.goAway:
        this.#end(new RundError(Code.unavailable, "containerd: has given up the call"));
    }
  }

  #applySettings(flags: number, payload: Buffer): void {
    if ((flags & frameFlag.ack) !== 0) return;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) === initialWindowSize)
        this.#queue.window.resize(payload.readUInt32BE(at + 2));
    }
    this.#write(frameType.settings, frameFlag.ack, 0, Buffer.alloc(0));
    this.#flush();
  }

  #receive(payload: Buffer): void {
    this.#unacknowledged += payload.length;
    if (this.#unacknowledged >= acknowledged) {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(this.#unacknowledged);
      for (const stream of [0, ownStream]) this.#write(frameType.windowUpdate, 0, stream, size);
      this.#unacknowledged = 0;
    }
    for (const message of this.#messages.read(payload)) this.#listener.answered(message);
  }

  /** Those in front of the answers tell nothing; those behind them how the call has ended. */
  #receiveHeaders(flags: number, isFirst: boolean, payload: Buffer): void {
    const start = isFirst && (flags & frameFlag.priority) !== 0 ? 5 : 0;
    this.#block = Buffer.concat([isFirst ? Buffer.alloc(0) : this.#block, payload.subarray(start)]);
    if ((flags & frameFlag.endHeaders) === 0) return;
    const headers = decodeHeaders(this.#block);
    const status = headers.get("grpc-status");
    if (status === undefined) return;
    const code = Object.values(Code).find((candidate) => candidate === Number(status)) ?? Code.unknown;
    const text = percentDecoded(headers.get("grpc-message") ?? "");
    this.#end(status === "0" ? undefined : new RundError(code, text));
  }

  #end(error?: RundError): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.ended(error);
  }
}

/** Whatever it is: what is no escape stays. */
function percentDecoded(text: string): string {
  const byte = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  return Buffer.from(text.replace(/%([0-9A-Fa-f]{2})/g, byte), "latin1").toString();
}
