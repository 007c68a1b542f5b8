import { replaceConfig } from "./replace_config.ts";
import type { SetupPlan } from "./setup_plan.ts";
import { backupFile, digestOf, readRecord, writeRecord } from "./setup_record.ts";

/**
 * Carries a plan out: first the backup and the record, then the file, so that there is a way back at any moment. What an
 * earlier setup has recorded stays.
 */
export function applySetup({ file, before, after, changes }: SetupPlan): void {
  if (changes.length === 0) return;
  const earlier = readRecord(file);
  if (earlier === undefined && before !== undefined) replaceConfig(backupFile(file), before);
  writeRecord(file, {
    created: earlier?.created ?? before === undefined,
    digest: digestOf(after),
    changes: [...(earlier?.changes ?? []), ...changes],
  });
  replaceConfig(file, after);
}
