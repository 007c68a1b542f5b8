import { Code, RundError } from "../common/error.ts";
import type { Decoder, Encoder } from "../proto/codec.ts";
import type { CallContext } from "./call_context.ts";

export type { CallContext } from "./call_context.ts";

/** One method on the wire: bytes of the request in, bytes of the response out. What it throws becomes a Status. */
export type Method = (payload: Uint8Array, context: CallContext) => Uint8Array | Promise<Uint8Array>;

/** A service's methods by name. */
export type Service = Readonly<Record<string, Method>>;

/** Services by full name, e.g. `containerd.task.v2.Task`. */
export type Services = Readonly<Record<string, Service>>;

/** A method from its codecs and a handler. A request that does not decode is answered with `invalidArgument`. */
export function unary<Req, Res>(
  request: Decoder<Req>,
  response: Encoder<Res>,
  handler: (request: Req, context: CallContext) => Res | Promise<Res>,
): Method {
  return async (payload, context) => {
    const answer = await handler(decodeRequest(request, payload, context), context);
    return response.encode(answer).finish();
  };
}

function decodeRequest<Req>(codec: Decoder<Req>, payload: Uint8Array, context: CallContext): Req {
  try {
    return codec.decode(payload);
  } catch (cause) {
    const reason = RundError.from(cause).message;
    throw new RundError(Code.invalidArgument, `${context.method}: malformed request: ${reason}`, { cause });
  }
}

/**
 * The method that a request names; a RundError `unimplemented` when there is none.
 * Only own properties count: a request for `toString` must not reach Object's.
 */
export function findMethod(services: Services, service: string, method: string): Method {
  const table = own(services, service);
  if (table === undefined) throw new RundError(Code.unimplemented, `service ${service}`);
  const found = own(table, method);
  if (found === undefined) throw new RundError(Code.unimplemented, `method ${method}`);
  return found;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
