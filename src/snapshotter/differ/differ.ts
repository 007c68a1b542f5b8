import { randomUUID } from "node:crypto";
import { Client, credentials } from "@grpc/grpc-js";
import { Code, RundError } from "../../common/error.ts";
import { platform } from "../../platform/platform.ts";
import type { ApplyRequest, DiffRequest } from "../../proto/generated/containerd/services/diff/v1/diff.ts";
import { Descriptor } from "../../proto/generated/containerd/types/descriptor.ts";
import type { Call } from "../grpc_method.ts";
import type { Snapshots } from "../snapshots.ts";
import { compressionOf, usualMediaType } from "./compression.ts";
import { ContentClient, namespaceHeader } from "./content_client.ts";
import { ContentWriter } from "./content_writer.ts";
import { hasLargeFiles } from "./large_files.ts";
import { startLayer } from "./layer_stream.ts";
import { treeOfMounts } from "./tree_of_mounts.ts";
import { writeLayer } from "./write_layer.ts";

/** Under which containerd notes the digest of a compressed layer's archive. */
const uncompressedLabel = "containerd.io/uncompressed";

/** Makes layers of the differences between trees, in containerd's content store. */
export class Differ {
  readonly #address: string;
  readonly #containerd: Client;
  readonly #snapshots: Snapshots;

  /** @param containerd path of its socket, to which is connected when it is needed */
  constructor(containerd: string, snapshots: Snapshots) {
    this.#address = containerd;
    this.#containerd = new Client(`unix:${containerd}`, credentials.createInsecure());
    this.#snapshots = snapshots;
  }

  /**
   * Writes what has changed from the left to the right mounts.
   * @throws RundError unimplemented for what is left to another differ: mounts, media types, large files
   */
  async compare(request: DiffRequest, call: Call): Promise<Descriptor> {
    const mediaType = request.mediaType || usualMediaType;
    const compression = compressionOf(mediaType);
    const [lower, upper] = [treeOfMounts(request.left), treeOfMounts(request.right)];
    if (upper === undefined) throw new RundError(Code.invalidArgument, "diff: has no right mounts");
    if (compression === undefined) await this.#leaveLargeFiles(upper);
    const clonedAt = lower === undefined ? undefined : this.#snapshots.clonedAt(lower, upper);
    const latest = request.sourceDateEpoch && Number(request.sourceDateEpoch.seconds);
    const namespace = this.#namespace(call, upper);
    const content = new ContentClient(this.#containerd, this.#address, namespace, call.metadata);
    const own = `rund-diff-${randomUUID()}`;
    await content.lease(own);
    const ref = request.ref || own;
    const writer = new ContentWriter(content, ref);
    const layer = startLayer({ lower, upper, latest, clonedAt });
    try {
      const { digest, uncompressed } = await writeLayer(layer, compression, writer, call.signal);
      const labels = compression === undefined ? {} : { [uncompressedLabel]: uncompressed };
      await writer.commit(digest, { ...request.labels, ...labels });
      const descriptor = await describe(content, mediaType, digest, labels);
      await content.release(digest);
      return descriptor;
    } catch (error) {
      layer.kill();
      writer.cancel();
      if (request.ref === "") await content.abort(ref).catch(() => {});
      await content.release().catch(() => {});
      throw error;
    }
  }

  /**
   * Left to containerd's own applier: it writes into a single bind's source itself, on every system, and nothing is gained
   * by sending it all the content over a socket.
   */
  apply(_: ApplyRequest): never {
    throw new RundError(Code.unimplemented, "apply: is left to containerd's walking differ");
  }

  /** On macOS there is nobody to leave them to: containerd's own differ has to mount what it compares. */
  async #leaveLargeFiles(upper: string): Promise<void> {
    if (platform().name === "darwin") return;
    const usage = await this.#snapshots.usageOf(upper);
    if (usage === undefined || !hasLargeFiles(usage)) return;
    throw new RundError(
      Code.unimplemented,
      "diff: large files that are not to be compressed are left to containerd's walking differ",
    );
  }

  /** containerd 1.7 does not tell its proxy plugins on whose behalf it calls. */
  #namespace({ metadata }: Call, upper: string): string {
    const namespace = metadata.get(namespaceHeader)?.[0] ?? this.#snapshots.namespaceOf(upper);
    if (namespace !== undefined) return namespace;
    throw new RundError(Code.unimplemented, `diff: the namespace of ${upper} is not known`);
  }

  close(): void {
    this.#containerd.close();
  }
}

/** The content as it is in the store, where it may have been before and lack a label. */
async function describe(
  content: ContentClient,
  mediaType: string,
  digest: string,
  labels: Readonly<Record<string, string>>,
): Promise<Descriptor> {
  const info = await content.info(digest);
  for (const [name, value] of Object.entries(labels)) {
    if (info.labels[name] === undefined) await content.setLabel(digest, name, value);
  }
  return Descriptor.create({ mediaType, digest, size: info.size });
}
