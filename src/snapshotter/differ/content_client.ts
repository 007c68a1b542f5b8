import { type Client, Metadata } from "@grpc/grpc-js";
import type { Decoder, Encoder } from "../../proto/codec.ts";
import * as api from "../../proto/generated/containerd/services/content/v1/content.ts";
import * as leases from "../../proto/generated/containerd/services/leases/v1/leases.ts";
import { Empty } from "../../proto/generated/google/protobuf/empty.ts";
import { Upload, type UploadListener } from "../http2/upload.ts";
import { callContainerd } from "./call_containerd.ts";

/** By which containerd is told the namespace of a call, and its lease. */
export const namespaceHeader = "containerd-namespace";
const leaseHeader = "containerd-lease";

const contentService = "/containerd.services.content.v1.Content";
const leaseService = "/containerd.services.leases.v1.Leases";

/** Until when a lease holds, as RFC 3339. */
const expiryLabel = "containerd.io/gc.expire";

/** How long, in milliseconds, a layer may take to be written, and how long whoever asked for it has to refer to it then. */
const [writingTime, keepingTime] = [12 * 60 * 60 * 1000, 10 * 60 * 1000];

/** containerd's content store for one caller: in its namespace, under its lease or one of our own. */
export class ContentClient {
  readonly #client: Client;
  readonly #address: string;
  readonly #metadata = new Metadata();
  /** That of our own. */
  #lease: string | undefined;

  /**
   * @param address of the client's socket
   * @param metadata of the call on whose behalf the store is used
   */
  constructor(
    client: Client,
    address: string,
    namespace: string,
    metadata: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#client = client;
    this.#address = address;
    this.#metadata.set(namespaceHeader, namespace);
    for (const lease of metadata.get(leaseHeader) ?? []) this.#metadata.add(leaseHeader, lease);
  }

  /**
   * Sees to it that what is written stays until {@link release}. containerd does not tell its proxy plugins the caller's lease,
   * and without one, new content is the garbage collector's.
   */
  async lease(id: string): Promise<void> {
    if (this.#metadata.get(leaseHeader).length > 0) return;
    await this.#createLease(id, writingTime);
    this.#metadata.set(leaseHeader, id);
    this.#lease = id;
  }

  /** Ends our lease. The content, if any is named, stays until the caller has had time to refer to it. */
  async release(digest?: string): Promise<void> {
    if (this.#lease === undefined) return;
    const id = `${this.#lease}-done`;
    if (digest !== undefined) {
      await this.#createLease(id, keepingTime);
      const request = { id, resource: { id: digest, type: "content" } };
      await this.#call(`${leaseService}/AddResource`, leases.AddResourceRequest, Empty, request);
    }
    await this.#call(`${leaseService}/Delete`, leases.DeleteRequest, Empty, { id: this.#lease, sync: false });
  }

  write(listener: UploadListener): Upload {
    const headers = Object.entries(this.#metadata.getMap()).map(
      ([name, value]) => [name, String(value)] as const,
    );
    return new Upload(this.#address, `${contentService}/Write`, new Map(headers), listener);
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

  async #createLease(id: string, time: number): Promise<void> {
    const labels = { [expiryLabel]: new Date(Date.now() + time).toISOString() };
    await this.#call(`${leaseService}/Create`, leases.CreateRequest, leases.CreateResponse, { id, labels });
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
