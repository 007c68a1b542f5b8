import { open, rename, rm } from "node:fs/promises";
import { partialName } from "./replace_file.ts";

/**
 * As replaceFile, without holding up the process, and with the text on the disk before it takes the old one's place: after a
 * loss of power, too, the file is whole. That it is the new one then takes {@link syncFolder} as well.
 * @throws the file system's error
 */
export async function replaceFileDurably(path: string, text: string, mode: number): Promise<void> {
  const partial = partialName(path);
  try {
    await writeSynced(partial, text, mode);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Sees to it that names that were added, replaced or removed in a folder stay so. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, "w", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
