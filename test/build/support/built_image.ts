import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { entryLine, readTar, type TarEntry } from "./tar_reader.ts";

/** What rund's tests read of an image's configuration. Field names are those of the OCI image spec. */
export interface ImageDocument {
  readonly os: string;
  readonly architecture: string;
  readonly config: {
    readonly Env?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly User?: string;
    readonly WorkingDir?: string;
  };
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

interface Index {
  readonly manifests: readonly Descriptor[];
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An image that a build has left as a folder in OCI layout (`--output type=oci,tar=false`). */
export class BuiltImage {
  readonly document: ImageDocument;
  /** The members of each layer, the base first. */
  readonly layers: readonly (readonly TarEntry[])[];

  private constructor(folder: string, manifest: Descriptor) {
    const { config, layers } = readJson<Manifest>(folder, manifest);
    this.document = readJson<ImageDocument>(folder, config);
    this.layers = layers.map((layer) => {
      const blob = readBlob(folder, layer);
      return readTar(layer.mediaType.endsWith("gzip") ? gunzipSync(blob) : blob);
    });
  }

  /** The image of a layout that holds one. */
  static read(folder: string): BuiltImage {
    const { manifests } = descriptors(folder);
    const [only] = manifests;
    if (only === undefined || manifests.length > 1) throw new Error(`${folder}: ${manifests.length} images`);
    return new BuiltImage(folder, only);
  }

  /** The images of a layout that holds several under one tag, by platform. */
  static readAll(folder: string): Map<string, BuiltImage> {
    return new Map(
      descriptors(folder).manifests.map((manifest) => {
        const { os, architecture } = manifest.platform ?? { os: "?", architecture: "?" };
        return [`${os}/${architecture}`, new BuiltImage(folder, manifest)];
      }),
    );
  }

  /** A list of what each layer holds, sorted; the layer of the base image is left out. */
  list(): string[][] {
    return this.layers.slice(1).map((entries) => entries.map(entryLine).toSorted());
  }

  /** The last layer's member of that path. */
  find(path: string): TarEntry | undefined {
    return this.layers
      .toReversed()
      .map((entries) => entries.find((entry) => entry.path === path))
      .find((entry) => entry !== undefined);
  }

  /** The text of a file. */
  text(path: string): string {
    const entry = this.find(path);
    if (entry === undefined) throw new Error(`${path}: not in the image`);
    return entry.content.toString("utf8");
  }
}

/** The top index, or the one index that it names: an image of several platforms. */
function descriptors(folder: string): Index {
  const index = JSON.parse(readFileSync(`${folder}/index.json`, "utf8")) as Index;
  const [only] = index.manifests;
  return only?.mediaType.endsWith("index.v1+json") ? readJson<Index>(folder, only) : index;
}

function readBlob(folder: string, { digest }: Descriptor): Buffer {
  return readFileSync(`${folder}/blobs/${digest.replace(":", "/")}`);
}

function readJson<T>(folder: string, descriptor: Descriptor): T {
  return JSON.parse(readBlob(folder, descriptor).toString("utf8")) as T;
}
