import { rmSync } from "node:fs";
import { isSame, valueAt } from "./config_value.ts";
import { replaceConfig } from "./replace_config.ts";
import { type ConfigChange, readIfThere } from "./setup_plan.ts";
import { backupFile, digestOf, readRecord, removeRecord } from "./setup_record.ts";
import { configFormat, type TargetName } from "./setup_target.ts";

/** How the way back went. */
export type UndoResult =
  | { readonly kind: "nothing" | "removed" | "restored" }
  /** The file was changed since by somebody else, whose changes stay. `kept` are values of ours that they changed too. */
  | { readonly kind: "taken-out"; readonly kept: readonly ConfigChange[] };

/** Takes back what was set in a daemon's file: all of it, and nothing else. */
export async function undoSetup(target: TargetName, file: string): Promise<UndoResult> {
  const record = readRecord(file);
  if (record === undefined) return { kind: "nothing" };
  const text = readIfThere(file);
  const result = text === undefined ? { kind: "removed" as const } : await takeBack(target, file, text);
  removeRecord(file);
  if (result.kind !== "taken-out") rmSync(backupFile(file), { force: true });
  return result;
}

async function takeBack(target: TargetName, file: string, text: string): Promise<UndoResult> {
  const { digest, created, changes } = readRecord(file) ?? { digest: "", created: false, changes: [] };
  if (digestOf(text) !== digest) return takeOut(target, file, text, changes);
  const backup = readIfThere(backupFile(file));
  if (created) rmSync(file);
  else if (backup === undefined) return takeOut(target, file, text, changes);
  else replaceConfig(file, backup);
  return { kind: created ? "removed" : "restored" };
}

async function takeOut(
  target: TargetName,
  file: string,
  text: string,
  changes: readonly ConfigChange[],
): Promise<UndoResult> {
  const format = await configFormat(target);
  const current = format.parse(text);
  const isOurs = ({ path, after }: ConfigChange) => isSame(valueAt(current, path), after);
  const after = changes
    .filter(isOurs)
    .reduceRight((left, { path, before }) => format.change(left, path, before), text);
  replaceConfig(file, after);
  return { kind: "taken-out", kept: changes.filter((change) => !isOurs(change)) };
}
