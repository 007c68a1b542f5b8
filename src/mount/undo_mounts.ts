import { existsSync } from "node:fs";
import { join } from "node:path";
import { Code, RundError } from "../common/error.ts";
import { late } from "../common/late.ts";
import type { Logger } from "../common/log.ts";
import { runLauncher } from "../platform/run_launcher.ts";
import { decodeRecords, type LauncherAnswer } from "./records.ts";
import type { MountRecord } from "./types.ts";

/** Milliseconds: containerd gives `delete` five seconds for everything. */
export const undoTimeLimit = 3_800;

/** The launcher's exit status when the journal is gone. */
const noJournal = 3;

/**
 * Takes back everything that was done to the host for a jail. It may be called at any time, twice, after any crash, and
 * when nothing was done at all; only what is known to be ours is touched. Its processes must have ended before, or
 * busy mounts are waited for about a second and then detached lazily.
 * `copy` is what the journal held, for a journal that somebody may have removed.
 * Throws internal when something had to stay; a later call tries again.
 */
export async function undoMounts(record: MountRecord, logger: Logger, copy?: Uint8Array): Promise<void> {
  const found = existsSync(record.journal);
  const answer = found ? await umount(record.journal) : { status: noJournal, records: [] };
  await assertUndone(record, answer, logger, copy);
}

/** Logs what the launcher says of an undo. Without a journal it is done by the copy, if there is one. */
export async function assertUndone(
  record: MountRecord,
  { status, records }: LauncherAnswer,
  logger: Logger,
  copy?: Uint8Array,
): Promise<void> {
  const notes = records.filter(([name]) => name !== "swept").flatMap(([, ...fields]) => fields.at(-1) ?? []);
  for (const text of notes) logger.warn(text);
  if (status === 0) return;
  if (status === noJournal) return copy && undoByCopy(record, copy, logger);
  const reason = notes.at(-1) ?? (status < 0 ? "took too long" : `launcher failed with ${status}`);
  throw new RundError(Code.internal, `mounts of ${record.root}: ${reason}`);
}

/** The launcher wants a file, and the journal's own folder may be gone. */
async function undoByCopy(record: MountRecord, copy: Uint8Array, logger: Logger): Promise<void> {
  const { mkdtemp, rm, writeFile } = late("node:fs/promises");
  const folder = await mkdtemp(join(late("node:os").tmpdir(), "rund-journal-"));
  try {
    const journal = join(folder, "mounts.journal");
    await writeFile(journal, copy, { mode: 0o600 });
    await assertUndone(record, await umount(journal), logger);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function umount(journal: string): Promise<LauncherAnswer> {
  const { status, stdout } = await runLauncher(["umount", journal], { timeout: undoTimeLimit });
  return { status, records: decodeRecords(stdout) };
}
