import type { Decoder, Encoder } from "../proto/codec.ts";

/** What a method knows of its call. */
export interface Call {
  /** Aborted when the client gives up. */
  readonly signal: AbortSignal;
  /** What containerd sends along with each call, such as the namespace. */
  readonly metadata: ReadonlyMap<string, readonly string[]>;
}

/** A method of a gRPC service over encoded messages: one request, and one answer or any number. */
export type GrpcMethod =
  | { readonly kind: "unary"; answer(request: Uint8Array, call: Call): Promise<Uint8Array> }
  | { readonly kind: "stream"; answer(request: Uint8Array, call: Call): Iterable<Uint8Array> };

export type GrpcService = Readonly<Record<string, GrpcMethod>>;

/** A method with one answer. */
export function unary<Request, Response>(
  request: Decoder<Request>,
  response: Encoder<Response>,
  handle: (request: Request, call: Call) => Promise<Response> | Response,
): GrpcMethod {
  return {
    kind: "unary",
    answer: async (bytes, call) => response.encode(await handle(request.decode(bytes), call)).finish(),
  };
}

/** A method with a stream of answers. */
export function streaming<Request, Response>(
  request: Decoder<Request>,
  response: Encoder<Response>,
  handle: (request: Request, call: Call) => Iterable<Response>,
): GrpcMethod {
  return {
    kind: "stream",
    *answer(bytes, call) {
      for (const message of handle(request.decode(bytes), call)) yield response.encode(message).finish();
    },
  };
}
