import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { Decoder, Encoder } from "../../proto/codec.ts";
import * as api from "../../proto/generated/containerd/services/content/v1/content.ts";
import { Empty } from "../../proto/generated/google/protobuf/empty.ts";
import type { Call } from "../grpc_method.ts";
import { grpcError } from "./grpc_error.ts";

const service = "/containerd.services.content.v1.Content";

/** What of a call containerd has to be told again: whose content it is, and which lease keeps it. */
const passedOn = ["containerd-namespace", "containerd-lease"];

export type WriteStream = ClientDuplexStream<api.WriteContentRequest, api.WriteContentResponse>;

/** containerd's content store on behalf of a call. */
export class ContentClient {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(client: Client, call: Call) {
    this.#client = client;
    for (const key of passedOn) {
      for (const value of call.metadata.get(key) ?? []) this.#metadata.add(key, value);
    }
  }

  /** A connection to containerd, which is made at the first call. */
  static connect(address: string): Client {
    return new Client(`unix:${address}`, credentials.createInsecure());
  }

  write(): WriteStream {
    const encode = (request: api.WriteContentRequest) =>
      Buffer.from(api.WriteContentRequest.encode(request).finish());
    const decode = (bytes: Buffer) => api.WriteContentResponse.decode(bytes);
    return this.#client.makeBidiStreamRequest(`${service}/Write`, encode, decode, this.#metadata);
  }

  async info(digest: string): Promise<api.Info> {
    const { info } = await this.#call("Info", api.InfoRequest, api.InfoResponse, { digest });
    return info ?? api.Info.create();
  }

  async setLabel(digest: string, name: string, value: string): Promise<void> {
    const info = api.Info.create({ digest, labels: { [name]: value } });
    await this.#call("Update", api.UpdateRequest, api.UpdateResponse, {
      info,
      updateMask: [`labels.${name}`],
    });
  }

  async abort(ref: string): Promise<void> {
    await this.#call("Abort", api.AbortRequest, Empty, { ref });
  }

  #call<Request, Response>(
    method: string,
    requests: Encoder<Request>,
    responses: Decoder<Response>,
    request: Request,
  ): Promise<Response> {
    const encode = (message: Request) => Buffer.from(requests.encode(message).finish());
    const decode = (bytes: Buffer) => responses.decode(bytes);
    return new Promise((resolve, reject) => {
      const settle = (error: ServiceError | null, response?: Response): void => {
        if (error !== null) reject(grpcError(`content ${method.toLowerCase()}`, error));
        else if (response !== undefined) resolve(response);
      };
      this.#client.makeUnaryRequest(`${service}/${method}`, encode, decode, request, this.#metadata, settle);
    });
  }
}
