import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { Decoder, Encoder } from "../../../src/proto/codec.ts";
import * as api from "../../../src/proto/generated/containerd/services/snapshots/v1/snapshots.ts";
import type { Mount } from "../../../src/proto/generated/containerd/types/mount.ts";
import { Empty } from "../../../src/proto/generated/google/protobuf/empty.ts";

const service = "/containerd.services.snapshots.v1.Snapshots";

type Labels = Record<string, string>;

interface SnapshotClientOptions {
  /** Which one containerd is to ask; on the snapshotter's own socket the name means nothing. */
  readonly snapshotter?: string;
  /** containerd's own API needs one. */
  readonly namespace?: string;
}

/** The snapshots API of one socket: the snapshotter's, as containerd's proxy calls it, or containerd's own. */
export class SnapshotClient {
  readonly #client: Client;
  readonly #snapshotter: string;
  readonly #metadata = new Metadata();

  constructor(address: string, { snapshotter = "rund", namespace }: SnapshotClientOptions = {}) {
    this.#client = new Client(`unix:${address}`, credentials.createInsecure());
    this.#snapshotter = snapshotter;
    if (namespace !== undefined) this.#metadata.set("containerd-namespace", namespace);
  }

  close(): void {
    this.#client.close();
  }

  async prepare(key: string, parent = "", labels: Labels = {}, deadline?: number): Promise<Mount[]> {
    const request = { snapshotter: this.#snapshotter, key, parent, labels };
    const codecs = [api.PrepareSnapshotRequest, api.PrepareSnapshotResponse] as const;
    return (await this.#call("Prepare", ...codecs, request, deadline)).mounts;
  }

  async view(key: string, parent = "", labels: Labels = {}): Promise<Mount[]> {
    const request = { snapshotter: this.#snapshotter, key, parent, labels };
    return (await this.#call("View", api.ViewSnapshotRequest, api.ViewSnapshotResponse, request)).mounts;
  }

  async mounts(key: string): Promise<Mount[]> {
    const request = { snapshotter: this.#snapshotter, key };
    return (await this.#call("Mounts", api.MountsRequest, api.MountsResponse, request)).mounts;
  }

  async commit(name: string, key: string, labels: Labels = {}, parent = ""): Promise<void> {
    const request = { snapshotter: this.#snapshotter, name, key, labels, parent };
    await this.#call("Commit", api.CommitSnapshotRequest, Empty, request);
  }

  async remove(key: string): Promise<void> {
    await this.#call("Remove", api.RemoveSnapshotRequest, Empty, { snapshotter: this.#snapshotter, key });
  }

  async stat(key: string): Promise<api.Info> {
    const request = { snapshotter: this.#snapshotter, key };
    const { info } = await this.#call("Stat", api.StatSnapshotRequest, api.StatSnapshotResponse, request);
    return info ?? api.Info.create();
  }

  async update(name: string, labels: Labels, updateMask?: string[]): Promise<api.Info> {
    const request = { snapshotter: this.#snapshotter, info: api.Info.create({ name, labels }), updateMask };
    const { info } = await this.#call(
      "Update",
      api.UpdateSnapshotRequest,
      api.UpdateSnapshotResponse,
      request,
    );
    return info ?? api.Info.create();
  }

  async usage(key: string): Promise<{ size: number; inodes: number }> {
    const request = { snapshotter: this.#snapshotter, key };
    const { size, inodes } = await this.#call("Usage", api.UsageRequest, api.UsageResponse, request);
    return { size: Number(size), inodes: Number(inodes) };
  }

  async cleanup(): Promise<void> {
    await this.#call("Cleanup", api.CleanupRequest, Empty, { snapshotter: this.#snapshotter });
  }

  async list(...filters: string[]): Promise<api.Info[]> {
    const encode = (request: api.ListSnapshotsRequest) =>
      Buffer.from(api.ListSnapshotsRequest.encode(request).finish());
    const decode = (bytes: Buffer) => api.ListSnapshotsResponse.decode(bytes);
    const request = { snapshotter: this.#snapshotter, filters };
    const stream = this.#client.makeServerStreamRequest(
      `${service}/List`,
      encode,
      decode,
      request,
      this.#metadata,
    );
    const all: api.Info[] = [];
    for await (const { info } of stream) all.push(...info);
    return all;
  }

  #call<Request, Response>(
    method: string,
    requests: Encoder<Request>,
    responses: Decoder<Response>,
    request: Request,
    deadline = 25_000,
  ): Promise<Response> {
    const encode = (message: Request) => Buffer.from(requests.encode(message).finish());
    const decode = (bytes: Buffer) => responses.decode(bytes);
    const options = { deadline: Date.now() + deadline };
    return new Promise((resolve, reject) => {
      const settle = (error: ServiceError | null, response?: Response): void => {
        if (error !== null) reject(error);
        else if (response !== undefined) resolve(response);
      };
      const path = `${service}/${method}`;
      this.#client.makeUnaryRequest(path, encode, decode, request, this.#metadata, options, settle);
    });
  }
}

/** The name of the gRPC code that a call is refused with, or "OK". */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: ServiceError) => reason,
  );
  return error === undefined ? "OK" : (status[error.code] ?? String(error));
}
