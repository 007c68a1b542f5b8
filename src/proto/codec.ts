/** The decoding half of a generated codec. */
export interface Decoder<T> {
  decode(bytes: Uint8Array): T;
}

/** The encoding half of a generated codec. */
export interface Encoder<T> {
  encode(message: T): { finish(): Uint8Array };
}

/** A generated codec; `$type` is the message's full proto name. */
export interface Codec<T> extends Decoder<T>, Encoder<T> {
  readonly $type: string;
}
