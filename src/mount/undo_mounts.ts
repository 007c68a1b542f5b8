import { existsSync } from "node:fs";
import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import { runLauncher } from "../platform/run_launcher.ts";
import { decodeRecords, type LauncherAnswer } from "./records.ts";
import type { MountRecord } from "./types.ts";

/** Milliseconds: containerd gives `delete` five seconds for everything. */
export const undoTimeLimit = 3_800;

/**
 * Takes back everything that was done to the host for a jail. It may be called at any time, twice, after any crash, and
 * when nothing was done at all; only what is known to be ours is touched. Its processes must have ended before, or
 * busy mounts are waited for about a second and then detached lazily.
 * Throws internal when something had to stay; a later call tries again.
 */
export async function undoMounts(record: MountRecord, logger: Logger): Promise<void> {
  if (!existsSync(record.journal)) return;
  const { status, stdout } = await runLauncher(["umount", record.journal], { timeout: undoTimeLimit });
  assertUndone(record, { status, records: decodeRecords(stdout) }, logger);
}

/** Logs what the launcher says of an undo, and throws internal when something had to stay. */
export function assertUndone(
  { root }: MountRecord,
  { status, records }: LauncherAnswer,
  logger: Logger,
): void {
  const notes = records.filter(([name]) => name !== "swept").flatMap(([, ...fields]) => fields.at(-1) ?? []);
  for (const text of notes) logger.warn(text);
  if (status === 0) return;
  const reason = notes.at(-1) ?? (status < 0 ? "took too long" : `launcher failed with ${status}`);
  throw new RundError(Code.internal, `mounts of ${root}: ${reason}`);
}
