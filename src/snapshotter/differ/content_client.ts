import { type Client, type ClientDuplexStream, Metadata } from "@grpc/grpc-js";
import type { Decoder, Encoder } from "../../proto/codec.ts";
import * as api from "../../proto/generated/containerd/services/content/v1/content.ts";
import * as leases from "../../proto/generated/containerd/services/leases/v1/leases.ts";
import { Empty } from "../../proto/generated/google/protobuf/empty.ts";
import { callContainerd } from "./call_containerd.ts";

const contentService = "/containerd.services.content.v1.Content";
const leaseService = "/containerd.services.leases.v1.Leases";

/** Until when a lease holds, as RFC 3339. */
const expiryLabel = "containerd.io/gc.expire";

/** How long, in milliseconds, content is kept for who asked for it to refer to it. */
const leaseTime = 60 * 60 * 1000;

export type WriteStream = ClientDuplexStream<api.WriteContentRequest, api.WriteContentResponse>;

/** containerd's content store for one caller: in its namespace, under its lease or one of our own. */
export class ContentClient {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  /** @param metadata of the call on whose behalf the store is used */
  constructor(client: Client, metadata: ReadonlyMap<string, readonly string[]>) {
    this.#client = client;
    for (const key of ["containerd-namespace", "containerd-lease"]) {
      for (const value of metadata.get(key) ?? []) this.#metadata.add(key, value);
    }
  }

  /**
   * Sees to it that what is written stays until the caller has had time to refer to it. containerd does not tell its proxy
   * plugins the caller's lease, and without one, new content is the garbage collector's.
   */
  async lease(id: string): Promise<void> {
    if (this.#metadata.get("containerd-lease").length > 0) return;
    const labels = { [expiryLabel]: new Date(Date.now() + leaseTime).toISOString() };
    await this.#call(`${leaseService}/Create`, leases.CreateRequest, leases.CreateResponse, { id, labels });
    this.#metadata.set("containerd-lease", id);
  }

  write(): WriteStream {
    const encode = (request: api.WriteContentRequest) =>
      Buffer.from(api.WriteContentRequest.encode(request).finish());
    const decode = (bytes: Buffer) => api.WriteContentResponse.decode(bytes);
    return this.#client.makeBidiStreamRequest(`${contentService}/Write`, encode, decode, this.#metadata);
  }

  async info(digest: string): Promise<api.Info> {
    const response = await this.#call(`${contentService}/Info`, api.InfoRequest, api.InfoResponse, {
      digest,
    });
    return response.info ?? api.Info.create();
  }

  async setLabel(digest: string, name: string, value: string): Promise<void> {
    const info = api.Info.create({ digest, labels: { [name]: value } });
    const request = { info, updateMask: [`labels.${name}`] };
    await this.#call(`${contentService}/Update`, api.UpdateRequest, api.UpdateResponse, request);
  }

  async abort(ref: string): Promise<void> {
    await this.#call(`${contentService}/Abort`, api.AbortRequest, Empty, { ref });
  }

  #call<Request, Response>(
    path: string,
    requests: Encoder<Request>,
    responses: Decoder<Response>,
    request: Request,
  ): Promise<Response> {
    return callContainerd(this.#client, path, { requests, responses }, request, this.#metadata);
  }
}
