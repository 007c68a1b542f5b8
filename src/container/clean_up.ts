import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import type { ProcessExit } from "../jail/jailed_process.ts";
import { mountRecordOf } from "../mount/mount_record.ts";
import { undoMounts } from "../mount/undo_mounts.ts";
import { loadBundle } from "../oci/bundle.ts";
import { emptyJail } from "./empty_jail.ts";
import { Hooks } from "./hooks.ts";
import { type JailRecord, processesOf } from "./jail.ts";
import { loadState, removeState, type SavedState } from "./state_file.ts";

/** How a container ended, as far as is known without its shim. */
export interface CleanedUp {
  readonly pid: number;
  readonly exit: ProcessExit;
}

/**
 * Ends a container without its shim, from the state file in its folder and the process table alone: kills the jail
 * and takes back mounts and stubs. Harmless when all of it was done before; containerd calls it every time.
 * `hookLimit` is what each hook may take at most, in milliseconds.
 */
export async function cleanUpContainer(
  folder: string,
  logger: Logger,
  hookLimit?: number,
): Promise<CleanedUp> {
  const state = readState(folder, logger);
  if (state?.mounts !== undefined) {
    if (await mayBeOurs(state, state.mounts, folder)) await emptyJail(processesOf(state.mounts), logger);
    await undoMounts(state.mounts, logger);
    await releaseUser(state.mounts, folder);
    if (state.pid !== 0) await runPoststopHooks(folder, state, logger, hookLimit);
    removeState(folder);
  }
  const { status, exitedAt } = state?.exit ?? { status: 137, exitedAt: new Date().toISOString() };
  return { pid: state?.pid ?? 0, exit: { status, exitedAt: new Date(exitedAt) } };
}

/**
 * Whether processes in the root can be this container's. Before its init is launched a root outside of the folder
 * may be that of another container, which was there first: a create that is refused for it must not end that one.
 * A process at the launcher's gate, not saved yet, ends by itself. A user that was given back may be another's by now.
 */
async function mayBeOurs({ pid }: SavedState, { root, uid }: JailRecord, folder: string): Promise<boolean> {
  if (uid === undefined) return pid !== 0 || root.startsWith(`${folder}/`);
  const { isUserOf } = await import("./user/jail_users.ts");
  return isUserOf(uid, folder);
}

async function releaseUser({ uid }: JailRecord, folder: string): Promise<void> {
  if (uid === undefined) return;
  const { releaseJailUser } = await import("./user/jail_users.ts");
  await releaseJailUser(uid, folder);
}

/** A state file that a power failure has damaged still says that something was done for the bundle. */
function readState(folder: string, logger: Logger): SavedState | undefined {
  try {
    return loadState(folder);
  } catch (error) {
    logger.warn("state file: damaged", { error: String(error) });
    return { containerId: "", pid: 0, mounts: mountRecordOf(folder) };
  }
}

async function runPoststopHooks(
  folder: string,
  { bundle = folder, containerId }: SavedState,
  logger: Logger,
  hookLimit: number | undefined,
): Promise<void> {
  try {
    await new Hooks(loadBundle(bundle, folder), containerId, logger).poststop(hookLimit);
  } catch (error) {
    // Not there any more: somebody else deletes it at the same time, and has come further.
    const level = RundError.from(error).code === Code.notFound ? "debug" : "warn";
    logger[level]("hooks: not run, the bundle cannot be read", { error: String(error) });
  }
}
