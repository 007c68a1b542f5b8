import type { Client, Metadata, ServiceError } from "@grpc/grpc-js";
import type { Decoder, Encoder } from "../../proto/codec.ts";
import { grpcError } from "./grpc_error.ts";

/** How a call's messages are written and read. */
interface Codecs<Request, Response> {
  readonly requests: Encoder<Request>;
  readonly responses: Decoder<Response>;
}

/**
 * One request to containerd and its answer.
 * @param path of the method: `/SERVICE/METHOD`
 * @throws RundError with the code that it was refused with
 */
export function callContainerd<Request, Response>(
  client: Client,
  path: string,
  { requests, responses }: Codecs<Request, Response>,
  request: Request,
  metadata: Metadata,
): Promise<Response> {
  const encode = (message: Request) => Buffer.from(requests.encode(message).finish());
  const decode = (bytes: Buffer) => responses.decode(bytes);
  return new Promise((resolve, reject) => {
    const settle = (error: ServiceError | null, response?: Response): void => {
      if (error !== null) reject(grpcError(path, error));
      else if (response !== undefined) resolve(response);
    };
    client.makeUnaryRequest(path, encode, decode, request, metadata, settle);
  });
}
