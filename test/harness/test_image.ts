import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { busyboxRootfs } from "./busybox_rootfs.ts";

/** The harness's image as containerd names it. */
export const imageName = "docker.io/library/busybox:latest";
/** The same as docker users write it. */
export const dockerImageName = "busybox";

/** The parts of an image's configuration that decide how it runs. Field names are those of the OCI image spec. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface ImageRequest {
  /** Full name, `docker.io/library/NAME:TAG`. */
  readonly name: string;
  /** A folder with the image's whole tree, which becomes its only layer. */
  readonly rootfs: string;
  readonly config?: ImageConfig;
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Writes an archive that `ctr image import`, `docker load` and skopeo read: an OCI layout with docker's manifest. */
export async function writeImageArchive(file: string, request: ImageRequest): Promise<void> {
  const work = `${file}.partial`;
  const blobs = `${work}/blobs/sha256`;
  await rm(work, { recursive: true, force: true });
  await mkdir(blobs, { recursive: true });

  const add = async (content: Buffer): Promise<{ digest: string; size: number; path: string }> => {
    const hash = createHash("sha256").update(content).digest("hex");
    await writeFile(`${blobs}/${hash}`, content);
    return { digest: `sha256:${hash}`, size: content.length, path: `blobs/sha256/${hash}` };
  };
  const addJson = (value: unknown) => add(Buffer.from(JSON.stringify(value)));
  const writeJson = (name: string, value: unknown) => writeFile(`${work}/${name}`, JSON.stringify(value));

  const layerFile = `${work}/layer.tar`;
  await packFolder(request.rootfs, layerFile);
  const layer = await add(await readFile(layerFile));
  await rm(layerFile);
  const config = await addJson({
    created: "2026-01-01T00:00:00Z",
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Env: [path], Cmd: ["sh"], ...request.config },
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created: "2026-01-01T00:00:00Z" }],
  });
  const manifest = await addJson({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor("config.v1+json", config),
    layers: [descriptor("layer.v1.tar", layer)],
  });
  const annotations = {
    "io.containerd.image.name": request.name,
    "org.opencontainers.image.ref.name": request.name.split(":").at(-1) ?? "latest",
  };
  await writeJson("index.json", {
    schemaVersion: 2,
    manifests: [{ ...descriptor("manifest.v1+json", manifest), annotations }],
  });
  await writeJson("oci-layout", { imageLayoutVersion: "1.0.0" });
  const repoTag = request.name.replace(/^docker\.io\/(library\/)?/, "");
  await writeJson("manifest.json", [{ Config: config.path, RepoTags: [repoTag], Layers: [layer.path] }]);

  await packFolder(work, `${file}.tmp`);
  await rm(work, { recursive: true });
  await rename(`${file}.tmp`, file);
}

/** The busybox image and its tree, made in `folder`. */
export async function makeBusyboxImage(folder: string): Promise<{ archive: string; rootfs: string }> {
  const rootfs = `${folder}/rootfs`;
  await busyboxRootfs(rootfs);
  const archive = `${folder}/busybox.tar`;
  await writeImageArchive(archive, { name: imageName, rootfs });
  return { archive, rootfs };
}

function descriptor(type: string, blob: { digest: string; size: number }): Record<string, unknown> {
  return { mediaType: `application/vnd.oci.image.${type}`, digest: blob.digest, size: blob.size };
}

/** The same bytes for the same tree, so that an image made twice is one image. */
async function packFolder(folder: string, file: string): Promise<void> {
  const reproducible = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@1767225600"];
  await execa("tar", ["-C", folder, ...reproducible, "-cf", file, "."]);
}
