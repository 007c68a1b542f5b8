import type { Blob } from "./blob.ts";
import { tagOf } from "./image_name.ts";
import type { ImagePlatform } from "./image_platform.ts";

/** How containers of the image run, in the field names of the OCI image specification. */
export interface ImageSettings {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

/** A layer that has been written. */
export interface WrittenLayer extends Blob {
  readonly name: string;
  readonly mediaType: string;
  /** Digest of its archive before it was compressed. */
  readonly diffId: string;
}

/** As the OCI image specification names them. */
export interface PlatformFields {
  readonly architecture: string;
  readonly os: string;
  readonly "os.version"?: string;
  readonly variant?: string;
}

export interface Descriptor extends Blob {
  readonly mediaType: string;
  readonly platform?: PlatformFields;
  readonly annotations?: Readonly<Record<string, string>>;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";

/** Under which containerd and buildx look for an image's full name. */
export const nameAnnotation = "io.containerd.image.name";

/** @param created seconds since 1970 */
export function configDocument(
  platform: ImagePlatform,
  settings: ImageSettings,
  layers: readonly WrittenLayer[],
  created: number,
): Buffer {
  const date = new Date(created * 1000).toISOString().replace(".000Z", "Z");
  return json({
    created: date,
    ...platformFields(platform),
    config: settings,
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ name }) => ({ created: date, created_by: `rund image: ${name}` })),
  });
}

export function manifestDocument(config: Blob, layers: readonly WrittenLayer[]): Buffer {
  return json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, ...config },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
}

/** What an index says of an image. */
export function imageDescriptor(manifest: Blob, name: string, platform: ImagePlatform): Descriptor {
  return {
    mediaType: manifestType,
    ...manifest,
    platform: platformFields(platform),
    annotations: { [nameAnnotation]: name, "org.opencontainers.image.ref.name": tagOf(name) },
  };
}

export function indexDocument(manifests: readonly Descriptor[]): Buffer {
  return json({ schemaVersion: 2, mediaType: indexType, manifests });
}

/** What makes a folder an OCI layout. */
export const layoutDocument = json({ imageLayoutVersion: "1.0.0" });

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function platformFields({ os, architecture, variant, osVersion }: ImagePlatform): PlatformFields {
  return {
    architecture,
    os,
    ...(osVersion !== undefined && { "os.version": osVersion }),
    ...(variant !== undefined && { variant }),
  };
}
