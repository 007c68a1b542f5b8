/**
 * Random numbers that a seed repeats. fast-check draws the plans; this is for what is drawn by the million, where a
 * number must cost nanoseconds. The generator is sfc32 (PractRand's small fast chaotic, 32 bits).
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = ~seed | 0;
    // Seeds that differ in one bit begin alike.
    for (let round = 0; round < 15; round++) this.bits();
  }

  /** 32 random bits as a signed number. */
  bits(): number {
    const drawn = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + drawn;
    return drawn;
  }

  /** A whole number from 0 to `limit` - 1; the limit is far below 2^32. */
  below(limit: number): number {
    return (this.bits() >>> 0) % limit;
  }

  /** Whether something happens that happens once in `count` times. */
  onceIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error("random: nothing to pick from");
    return item;
  }

  /** Fills a part of a buffer. */
  fill(bytes: Buffer, start = 0, end = bytes.length): void {
    for (let at = start; at < end; at++) bytes[at] = this.bits();
  }
}
