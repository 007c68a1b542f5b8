import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import { runLauncher } from "./run_launcher.ts";
import type { MountRecord } from "./types.ts";

/** Milliseconds: containerd gives `delete` five seconds for everything. */
const timeLimit = 3_800;

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
  const found = (await exists(record.journal)) && (await undo(record.root, record.journal, logger));
  if (!found && copy !== undefined) await undoByCopy(record.root, copy, logger);
}

/** The launcher wants a file, and the journal's own folder may be gone. */
async function undoByCopy(root: string, copy: Uint8Array, logger: Logger): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "rund-journal-"));
  try {
    const journal = join(folder, "mounts.journal");
    await writeFile(journal, copy, { mode: 0o600 });
    await undo(root, journal, logger);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers whether there was a journal. */
async function undo(root: string, journal: string, logger: Logger): Promise<boolean> {
  const answer = await runLauncher(["umount", journal], new Uint8Array(), timeLimit);
  const notes = answer.records.flatMap(([, ...fields]) => fields.at(-1) ?? []);
  for (const text of notes) logger.warn(text);
  if (answer.status === 0) return true;
  if (answer.status === noJournal) return false;
  const reason =
    notes.at(-1) ?? (answer.status < 0 ? "took too long" : `launcher failed with ${answer.status}`);
  throw new RundError(Code.internal, `mounts of ${root}: ${reason}`);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
