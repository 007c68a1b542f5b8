import { writeSync } from "node:fs";
import { errnoOf } from "../common/error.ts";

/** Writes a whole text to standard output, also where a client has made the pipe non-blocking and lets it be full. */
export function print(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSome(bytes, written);
}

function writeSome(bytes: Buffer, offset: number): number {
  try {
    return writeSync(1, bytes, offset);
  } catch (error) {
    if (errnoOf(error) === "EAGAIN") return 0;
    throw error;
  }
}
