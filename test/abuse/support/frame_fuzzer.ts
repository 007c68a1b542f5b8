import { FrameType, headerBytes, maxPayloadBytes } from "../../../src/ttrpc/frame.ts";
import { goodRequest, type SeedRequest, seedRequests } from "./seed_requests.ts";
import type { SeededRandom } from "./seeded_random.ts";

/** Many frames in one piece. */
export interface FrameBatch {
  readonly bytes: Buffer;
  readonly frames: number;
  /**
   * The stream of the last frame, a good call: its answer says that all before it was read. Undefined where the batch
   * ends in something of which the reader cannot tell where the next frame begins.
   */
  readonly lastStream: number | undefined;
}

/** One in so many frames asks for something that runs a process. */
const costlyRarity = 2_000;

/** Makes batches of frames, of which every one is a little wrong, very wrong, or right. */
export class FrameFuzzer {
  readonly #random: SeededRandom;
  readonly #common: readonly SeedRequest[];
  readonly #costly: readonly SeedRequest[];
  readonly #good: Buffer;
  #buffer = Buffer.alloc(0);
  #length = 0;
  #stream = 1;

  /** `id` is a container that may be treated in whatever way, `folder` one in which nothing is. */
  constructor(random: SeededRandom, id: string, folder: string) {
    this.#random = random;
    const { common, costly } = seedRequests(id, folder);
    this.#common = common;
    this.#costly = costly;
    this.#good = goodRequest(id);
  }

  batch(frames: number): FrameBatch {
    this.#buffer = Buffer.allocUnsafe(frames * 1024);
    this.#length = 0;
    this.#stream = 1;
    for (let count = 1; count < frames; count++) this.#addFrame();
    const lastStream = this.#random.onceIn(4) ? undefined : this.#addGoodCall();
    if (lastStream === undefined) this.#addPoison();
    return { bytes: this.#buffer.subarray(0, this.#length), frames, lastStream };
  }

  #addFrame(): void {
    const random = this.#random;
    if (random.onceIn(costlyRarity)) this.#addRequest(random.pick(this.#costly), random.below(2), 0);
    else if (random.onceIn(2)) this.#addNoise();
    else this.#addWrongRequest(random.pick(this.#common), random.onceIn(2));
  }

  /** Wrong anywhere, or only within the method's own message, which the frame's reader has taken then. */
  #addWrongRequest(seed: SeedRequest, anywhere: boolean): void {
    if (anywhere) this.#addRequest(seed, 1 + this.#random.below(4), 0);
    else this.#addRequest(seed, this.#random.below(4), seed.message);
  }

  /** A request with as many changes behind the byte `from`. */
  #addRequest({ bytes }: SeedRequest, changes: number, from: number): void {
    const start = this.#length + headerBytes;
    bytes.copy(this.#buffer, start);
    let length = bytes.length;
    for (let change = 0; change < changes; change++) length = this.#change(start, length, from);
    this.#addHeader(length);
  }

  /** Changes one byte, doubles a stretch or cuts the end off; answers the new length. */
  #change(start: number, length: number, from: number): number {
    const random = this.#random;
    if (length - from < 2) return length;
    const at = from + random.below(length - from);
    const kind = random.below(16);
    if (kind === 0) return at;
    if (kind === 1 && length < 600) {
      this.#buffer.copyWithin(start + at, start + from, start + length);
      return Math.max(length, at + length - from);
    }
    if (kind < 8) this.#buffer[start + at] = (this.#buffer[start + at] ?? 0) ^ (1 << random.below(8));
    else this.#buffer[start + at] = kind < 12 ? random.bits() : random.pick([0, 0x7f, 0x80, 0xff]);
    return length;
  }

  #addNoise(): void {
    const length = this.#random.below(64);
    const start = this.#length + headerBytes;
    this.#random.fill(this.#buffer, start, start + length);
    this.#addHeader(length, this.#random.onceIn(3) ? FrameType.request : this.#random.below(256));
  }

  /** The header of a frame whose content stands behind it already. */
  #addHeader(length: number, usualType: number = FrameType.request): void {
    const random = this.#random;
    const isProper = !random.onceIn(16);
    const type = isProper ? usualType : random.below(5);
    const flags = random.onceIn(16) ? random.below(256) : 0;
    const stream = isProper ? this.#nextStream() : random.below(this.#stream + 2);
    this.#writeHeader(length, stream, type, flags);
    this.#length += headerBytes + length;
  }

  #nextStream(): number {
    this.#stream += 2;
    return this.#stream;
  }

  #addGoodCall(): number {
    const stream = this.#nextStream();
    this.#good.copy(this.#buffer, this.#length + headerBytes);
    this.#writeHeader(this.#good.length, stream, FrameType.request, 0);
    this.#length += headerBytes + this.#good.length;
    return stream;
  }

  /** A header that promises too much, or more than comes; a part of one; a jump to the last stream of all. */
  #addPoison(): void {
    const random = this.#random;
    const lengths = [maxPayloadBytes, maxPayloadBytes + 1, 0xffff_ffff, 1 + random.below(1000), 0];
    const stream = random.pick([this.#stream + 2, 0, 0xffff_ffff, 0x7fff_ffff]);
    this.#writeHeader(random.pick(lengths), stream, FrameType.request, random.below(256));
    const end = this.#length + headerBytes + random.below(256);
    random.fill(this.#buffer, this.#length + headerBytes, end);
    this.#length = random.onceIn(4) ? this.#length + 1 + random.below(headerBytes) : end;
  }

  #writeHeader(length: number, stream: number, type: number, flags: number): void {
    const at = this.#length;
    this.#buffer.writeUInt32BE(length, at);
    this.#buffer.writeUInt32BE(stream, at + 4);
    this.#buffer[at + 8] = type;
    this.#buffer[at + 9] = flags;
  }
}
