import { createTarPacker, type TarHeader, type TarPackController } from "modern-tar";
import type { LayerEntry } from "./layer_entry.ts";
import { readContent } from "./read_content.ts";

/**
 * A layer's archive, made as it is read: headers have no names of users and groups and no fraction of a second, so that the same
 * files give the same bytes on every machine.
 * @param onRead is told how many more bytes of files are in it
 */
export function layerTar(
  entries: Iterable<LayerEntry>,
  onRead: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  const { readable, controller } = createTarPacker();
  writeAll(entries, controller, onRead).catch((error: Error) => controller.error(error));
  return readable;
}

async function writeAll(
  entries: Iterable<LayerEntry>,
  tar: TarPackController,
  onRead: (bytes: number) => void,
): Promise<void> {
  for (const entry of entries) {
    const body = tar.add(headerOf(entry)).getWriter();
    for await (const chunk of readContent(entry)) {
      await body.write(chunk);
      onRead(chunk.length);
    }
    await body.close();
  }
  tar.finalize();
}

const types = {
  file: "file",
  folder: "directory",
  symlink: "symlink",
  link: "link",
  fifo: "fifo",
} as const satisfies Record<LayerEntry["kind"], TarHeader["type"]>;

function headerOf({ kind, path, mode, uid, gid, mtime, size, target }: LayerEntry): TarHeader {
  return {
    name: kind === "folder" ? `${path}/` : path,
    type: types[kind],
    mode,
    uid,
    gid,
    mtime: new Date(mtime * 1000),
    size,
    ...(target !== undefined && { linkname: target }),
  };
}
