import { Deferred } from "../common/deferred.ts";
import type { Logger } from "../common/log.ts";
import { selection } from "../jail/process_set.ts";
import { decodeRecords } from "../mount/records.ts";
import { assertUndone, undoTimeLimit } from "../mount/undo_mounts.ts";
import { startLauncher } from "../platform/run_launcher.ts";
import { killDeadline } from "./empty_jail.ts";
import { type JailRecord, processesOf } from "./jail.ts";

/** The two ends of a sweep, in this order. */
export interface JailSweep {
  /** Settles when the jail is empty, or as empty as it gets: what cannot be killed is logged. Never rejects. */
  readonly emptied: Promise<void>;
  /** As the promise of `undoMounts`. */
  readonly undone: Promise<void>;
}

/**
 * Kills whatever an init has left behind and takes back the mounts, in one run of the launcher: the mounts are gone, or
 * nearly so, by the time that clients have heard of the exit and ask for the Delete, which has to wait for them.
 * `outputs` are reading ends of the init's output: clients are given a fifth of a second to read the rest. `copy` is what
 * the journal of the mounts held, for one that somebody has removed.
 */
export function sweepJail(
  jail: JailRecord,
  outputs: readonly number[],
  logger: Logger,
  copy?: Uint8Array,
): JailSweep {
  const { root, journal } = jail;
  const processes = selection(processesOf(jail));
  const emptied = new Deferred<void>();
  let isEmptied = false;
  const takeSwept = () => {
    const [swept] = decodeRecords(launcher.stdout());
    if (swept === undefined || isEmptied) return;
    isEmptied = true;
    if (swept[1] !== "empty") logger.warn("jail: processes are left", { root, error: swept[1] ?? "" });
    emptied.resolve();
  };
  const limits = ["--timeout", String(killDeadline), "--outputs", String(outputs.length)];
  const args = ["sweep", ...processes, "--journal", journal, ...limits];
  const timeout = killDeadline + undoTimeLimit;
  const launcher = startLauncher(args, { descriptors: outputs, timeout }, takeSwept);
  const undone = launcher.ended.then(({ status, stdout, stderr }) => {
    if (!isEmptied) logger.warn("jail: processes are left", { root, error: stderr.trim() });
    return assertUndone(jail, { status, records: decodeRecords(stdout) }, logger, copy);
  });
  undone.finally(() => emptied.resolve()).catch(() => {});
  return { emptied: emptied.promise, undone };
}
