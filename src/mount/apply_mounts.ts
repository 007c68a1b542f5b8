import type { Logger } from "../common/log.ts";
import { runLauncher } from "../platform/run_launcher.ts";
import { launcherError, mountError } from "./mount_error.ts";
import { decodeRecords, encodeRecords, type LauncherAnswer } from "./records.ts";
import type { MountPlan, MountRecord } from "./types.ts";
import { undoMounts } from "./undo_mounts.ts";

/** Milliseconds for a whole plan; the launcher itself gives each bindfs ten seconds. */
const timeLimit = 30_000;

/**
 * Carries out a plan. `journal` is told the record before anything is done to the host, so that it can be kept where
 * `delete` finds it; the same record comes back. On failure everything is taken back and a RundError thrown, such as
 * `mount /data: bind source path does not exist: /nowhere`; failedPrecondition when the bundle or the root is in use.
 */
export async function applyMounts(
  plan: MountPlan,
  journal: (record: MountRecord) => void | Promise<void>,
  logger: Logger,
): Promise<MountRecord> {
  const input = encodeRecords(plan.operations);
  const record: MountRecord = { root: plan.root, journal: plan.journal };
  for (const text of plan.notes) logger.debug(text);
  await journal(record);
  // A file server needs its PATH, to find what it mounts with.
  const options = { input, timeout: timeLimit, env: process.env };
  const { status, stdout } = await runLauncher(["mount", plan.journal], options);
  const answer = { status, records: decodeRecords(stdout) };
  logNotes(answer, logger);
  if (answer.status === 0) return record;
  const error = launcherError(answer);
  /** The journal that is there then is another container's, whose mounts must stay. */
  if (error.subject !== "bundle") await takeBack(record, logger);
  throw mountError(error);
}

async function takeBack(record: MountRecord, logger: Logger): Promise<void> {
  try {
    await undoMounts(record, logger);
  } catch (reason) {
    logger.error("mounts of a failed start could not be taken back", { error: String(reason) });
  }
}

function logNotes(answer: LauncherAnswer, logger: Logger): void {
  for (const [name, text] of answer.records) {
    if (name === "note" && text !== undefined) logger.warn(text);
  }
}
