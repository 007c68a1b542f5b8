import { access } from "node:fs/promises";
import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import { runLauncher } from "./run_launcher.ts";
import type { MountRecord } from "./types.ts";

/** Milliseconds: containerd gives `delete` five seconds for everything. */
const timeLimit = 3_800;

/**
 * Takes back everything that was done to the host for a jail. It may be called at any time, twice, after any crash, and
 * when nothing was done at all; only what is known to be ours is touched. Its processes must have ended before, or
 * busy mounts are waited for about a second and then detached lazily.
 * Throws internal when something had to stay; a later call tries again.
 */
export async function undoMounts(record: MountRecord, logger: Logger): Promise<void> {
  const exists = await access(record.journal).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  const answer = await runLauncher(["umount", record.journal], new Uint8Array(), timeLimit);
  const notes = answer.records.flatMap(([, ...fields]) => fields.at(-1) ?? []);
  for (const text of notes) logger.warn(text);
  if (answer.status === 0) return;
  const reason =
    notes.at(-1) ?? (answer.status < 0 ? "took too long" : `launcher failed with ${answer.status}`);
  throw new RundError(Code.internal, `mounts of ${record.root}: ${reason}`);
}
