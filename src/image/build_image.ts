import { Code, RundError } from "../common/error.ts";
import { Measure, oneChunk } from "./blob.ts";
import type { Compression } from "./compression.ts";
import {
  configDocument,
  type ImageSettings,
  imageDescriptor,
  manifestDocument,
  type WrittenLayer,
} from "./image_documents.ts";
import type { ImagePlan } from "./image_plan.ts";
import type { ImagePlatform } from "./image_platform.ts";
import type { ImageTarget } from "./image_target.ts";
import { layerTar } from "./layer_tar.ts";
import type { ImageScan } from "./scan_image.ts";
import { walkLayer } from "./walk_layer.ts";

/** An image as it is asked for. */
export interface ImageRequest {
  /** In full. */
  readonly name: string;
  readonly plan: ImagePlan;
  readonly scan: ImageScan;
  readonly platform: ImagePlatform;
  readonly settings: ImageSettings;
  readonly compression: Compression;
  readonly isExcluded: (path: string) => boolean;
  /** Seconds since 1970: when the image was made, and after which no time in it is. Undefined: the latest of its files. */
  readonly epoch: number | undefined;
}

/** Who is told how the work goes on. */
export interface ImageProgress {
  layer(name: string): void;
  read(bytes: number): void;
  /** All is written; what is left is the target's. */
  finishing(): void;
}

export interface BuiltImage {
  /** Of the manifest. */
  readonly digest: string;
  readonly layers: readonly WrittenLayer[];
}

/**
 * Makes an image and hands it to its target, layer by layer, each as a stream. Rejects with the signal's reason when that comes;
 * then, and after any other error, nothing of the image is left.
 */
export async function buildImage(
  request: ImageRequest,
  target: ImageTarget,
  progress: ImageProgress,
  signal: AbortSignal,
): Promise<BuiltImage> {
  try {
    const layers: WrittenLayer[] = [];
    for (const [index, { entries }] of request.scan.layers.entries()) {
      if (entries > 0) layers.push(await writeLayer(request, index, target, progress, signal));
    }
    const image = await describe(request, layers, target);
    signal.throwIfAborted();
    progress.finishing();
    await target.finish({ ...image, name: request.name, layers });
    return { digest: image.descriptor.digest, layers };
  } catch (error) {
    await target.discard();
    throw signal.aborted ? signal.reason : error;
  }
}

async function writeLayer(
  { plan, scan, compression, isExcluded, epoch }: ImageRequest,
  index: number,
  target: ImageTarget,
  progress: ImageProgress,
  signal: AbortSignal,
): Promise<WrittenLayer> {
  const name = plan.layers[index] ?? "";
  progress.layer(name);
  const entries = walkLayer(plan, index, {
    isExcluded,
    omitted: new Set(target.places),
    latest: epoch,
    unreadable: (source) => (scan.unreadable.has(source) ? "left out" : undefined),
    onProblem: (path, reason) => {
      if (!scan.problems.has(path))
        throw new RundError(Code.failedPrecondition, `${path}: has changed: ${reason}`);
    },
    onLeftOut: () => {},
  });
  const whole = new Measure();
  const archive = whole.through(layerTar(entries, (bytes) => progress.read(bytes)));
  const chunks = until(signal, archive);
  const blob = await target.add(compression.compress?.(chunks) ?? chunks);
  return { ...blob, name, mediaType: compression.mediaType, diffId: whole.result().digest };
}

async function* until(signal: AbortSignal, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}

async function describe(
  { name, platform, settings, scan, epoch }: ImageRequest,
  layers: readonly WrittenLayer[],
  target: ImageTarget,
) {
  const document = configDocument(platform, settings, layers, epoch ?? scan.latest);
  const config = await target.add(oneChunk(document));
  const manifest = await target.add(oneChunk(manifestDocument(config, layers)));
  return { config, descriptor: imageDescriptor(manifest, name, platform) };
}
