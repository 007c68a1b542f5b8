import { frameHeader, frameType, mostPayload } from "./frame.ts";
import { SendWindow } from "./send_window.ts";

/** Bytes that are written at a time. */
const burst = 256 * 1024;

/** What waits to be sent on a stream, and what the peer has room for. */
export class SendQueue {
  readonly window = new SendWindow();
  readonly #stream: number;
  readonly #waiting: Buffer[] = [];

  constructor(stream: number) {
    this.#stream = stream;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether some of it can be sent now. */
  get canSend(): boolean {
    return !this.isEmpty && this.window.room > 0;
  }

  push(...parts: readonly Buffer[]): void {
    this.#waiting.push(...parts);
  }

  /** Frames of what can be sent now, or of its beginning, for one write. */
  take(): Buffer {
    const frames: Buffer[] = [];
    for (let size = 0; size < burst && this.canSend; ) {
      const payload = this.#takeWaiting(Math.min(this.window.room, mostPayload));
      const length = payload.reduce((sum, part) => sum + part.length, 0);
      this.window.take(length);
      frames.push(frameHeader({ type: frameType.data, flags: 0, stream: this.#stream }, length), ...payload);
      size += length;
    }
    return Buffer.concat(frames);
  }

  /** As many bytes as there are, up to a size. */
  #takeWaiting(size: number): Buffer[] {
    const taken: Buffer[] = [];
    for (let rest = size; rest > 0; ) {
      const first = this.#waiting.shift();
      if (first === undefined) break;
      if (first.length > rest) this.#waiting.unshift(first.subarray(rest));
      taken.push(first.subarray(0, rest));
      rest -= Math.min(rest, first.length);
    }
    return taken;
  }
}
