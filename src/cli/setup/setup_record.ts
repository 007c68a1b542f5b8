import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { Code, RundError } from "../../common/error.ts";
import { replaceConfig } from "./replace_config.ts";
import { type ConfigChange, readIfThere } from "./setup_plan.ts";

/** What was done to a file, kept beside it for the way back. */
export interface SetupRecord {
  /** Whether there was no file before. */
  readonly created: boolean;
  /** What the file was when we last wrote it. */
  readonly digest: string;
  readonly changes: readonly ConfigChange[];
}

/** The file as it was before the first change. */
export function backupFile(file: string): string {
  return `${file}.before-rund`;
}

function recordFile(file: string): string {
  return `${file}.rund-setup.json`;
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Undefined when nothing was done to the file. */
export function readRecord(file: string): SetupRecord | undefined {
  const text = readIfThere(recordFile(file));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as SetupRecord;
  } catch (error) {
    throw new RundError(Code.failedPrecondition, `${recordFile(file)}: damaged`, { cause: error });
  }
}

export function writeRecord(file: string, record: SetupRecord): void {
  replaceConfig(recordFile(file), `${JSON.stringify(record, undefined, 2)}\n`);
}

export function removeRecord(file: string): void {
  rmSync(recordFile(file), { force: true });
}
