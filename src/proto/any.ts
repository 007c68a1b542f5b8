import { Code, RundError } from "../common/error.ts";
import type { Codec, Encoder } from "./codec.ts";
import type { Any } from "./generated/google/protobuf/any.ts";

/**
 * A message as an Any. containerd compares type URLs exactly and names its messages bare, so there is no
 * `type.googleapis.com/` in front.
 */
export function packAny<T>(codec: Encoder<T> & { readonly $type: string }, message: T): Any {
  return { typeUrl: codec.$type, value: codec.encode(message).finish() };
}

/** A JSON document as an Any: containerd carries OCI structures so, under `types.containerd.io/…` URLs. */
export function packJson(typeUrl: string, document: unknown): Any {
  return { typeUrl, value: Buffer.from(JSON.stringify(document)) };
}

/** Whether `any` holds the named type, with or without a prefix that ends in a slash. */
export function anyIs(any: Any, type: { readonly $type: string } | string): boolean {
  const name = typeof type === "string" ? type : type.$type;
  return any.typeUrl === name || any.typeUrl.endsWith(`/${name}`);
}

/** The message in `any`; a RundError `invalidArgument` when it is of another type or does not decode. */
export function unpackAny<T>(any: Any, codec: Codec<T>): T {
  if (!anyIs(any, codec)) {
    throw new RundError(Code.invalidArgument, `${codec.$type}: got a ${any.typeUrl || "nameless message"}`);
  }
  try {
    return codec.decode(any.value);
  } catch (cause) {
    throw new RundError(Code.invalidArgument, `${codec.$type}: ${RundError.from(cause).message}`, { cause });
  }
}
