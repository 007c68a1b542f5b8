import { Client, credentials, Metadata } from "@grpc/grpc-js";
import * as api from "../../../src/proto/generated/containerd/services/diff/v1/diff.ts";
import type { Descriptor } from "../../../src/proto/generated/containerd/types/descriptor.ts";
import type { Mount } from "../../../src/proto/generated/containerd/types/mount.ts";
import { callContainerd } from "../../../src/snapshotter/differ/call_containerd.ts";
import { uniqueId } from "../../harness/unique_id.ts";

/** The diff API of a containerd, in one namespace. */
export class DiffClient {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(address: string, namespace: string) {
    this.#client = new Client(`unix:${address}`, credentials.createInsecure());
    this.#metadata.set("containerd-namespace", namespace);
  }

  close(): void {
    this.#client.close();
  }

  /** Has what has changed from the left to the right mounts written into the content store. */
  async compare(
    left: readonly Mount[],
    right: readonly Mount[],
    mediaType: string,
  ): Promise<Descriptor | undefined> {
    const request = api.DiffRequest.create({
      left: [...left],
      right: [...right],
      mediaType,
      ref: uniqueId(),
    });
    const codecs = { requests: api.DiffRequest, responses: api.DiffResponse };
    const path = "/containerd.services.diff.v1.Diff/Diff";
    return (await callContainerd(this.#client, path, codecs, request, this.#metadata)).diff;
  }
}
