/** What a peer has room for: of the connection, and of its one stream. RFC 9113, section 5.2. */
export class SendWindow {
  /** What every peer begins with. */
  #initial = 65_535;
  #connection = 65_535;
  #stream = 65_535;

  /** Bytes that may be sent now. */
  get room(): number {
    return Math.max(0, Math.min(this.#connection, this.#stream));
  }

  take(size: number): void {
    this.#connection -= size;
    this.#stream -= size;
  }

  /** @param stream 0 for the connection */
  give(stream: number, size: number): void {
    if (stream === 0) this.#connection += size;
    else this.#stream += size;
  }

  /** The peer has another size for new streams, which counts for the one there is too. */
  resize(initial: number): void {
    this.#stream += initial - this.#initial;
    this.#initial = initial;
  }
}
