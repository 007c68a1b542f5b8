import { constants, type PathLike } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Code, RundError, systemError } from "../common/error.ts";
import { type FileStamp, isSameFile, type LayerEntry } from "./layer_entry.ts";

/** How much of a file is in memory at a time, about. */
const chunkSize = 1024 * 1024;

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The bytes of a file, exactly as many as its entry says.
 * @throws RundError failedPrecondition when it is not the file any more that the entry was made of, or has changed meanwhile
 */
export async function* readContent(entry: LayerEntry): AsyncGenerator<Uint8Array> {
  if (entry.source === undefined || entry.size === 0) return;
  const file = await opened(entry.source);
  try {
    await assertSame(file, entry);
    for (let left = entry.size; left > 0; ) {
      // Not used again: who takes it may keep it for a while.
      const buffer = Buffer.allocUnsafeSlow(Math.min(left, chunkSize));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) throw changed(entry.source);
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    await assertSame(file, entry);
  } catch (error) {
    throw systemError(entry.source, error);
  } finally {
    await file.close();
  }
}

async function opened(path: PathLike): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    throw systemError(String(path), error);
  }
}

async function assertSame(file: FileHandle, { stamp, source }: LayerEntry): Promise<void> {
  const status: FileStamp = await file.stat({ bigint: true });
  if (stamp !== undefined && !isSameFile(stamp, status)) throw changed(source ?? "");
}

function changed(path: string): RundError {
  return new RundError(
    Code.failedPrecondition,
    `${path}: has changed while it was read: leave it out, or stop what writes to it`,
  );
}
