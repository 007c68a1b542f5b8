import { Code, RundError } from "../common/error.ts";

/**
 * The launcher's records: the number of fields in decimal, then the fields, each text ended by a NUL.
 * Throws invalidArgument for a field that holds a NUL itself: no path does, and it would become two fields.
 */
export function encodeRecords(records: readonly (readonly string[])[]): Buffer {
  const texts = records.flatMap((record) => [String(record.length), ...record]);
  const bad = texts.find((text) => text.includes("\0"));
  if (bad !== undefined)
    throw new RundError(Code.invalidArgument, `mount ${JSON.stringify(bad)}: holds a NUL`);
  return Buffer.from(texts.map((text) => `${text}\0`).join(""));
}

/** What one run of the launcher answered. */
export interface LauncherAnswer {
  /** Exit code; -1 when it was ended by a signal, as when its time was up. */
  readonly status: number;
  /** Records such as `note TEXT` and `error ERRNO SUBJECT TEXT`. */
  readonly records: readonly string[][];
}

/** The records in what the launcher answered; a torn last one is left out. */
export function decodeRecords(data: Buffer): string[][] {
  const texts = data.toString().split("\0");
  texts.pop();
  const records: string[][] = [];
  for (let at = 0; at < texts.length; ) {
    const count = Number(texts[at]);
    if (!Number.isInteger(count) || count < 1 || at + count >= texts.length) break;
    records.push(texts.slice(at + 1, at + 1 + count));
    at += 1 + count;
  }
  return records;
}
