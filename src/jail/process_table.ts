import { Code, RundError } from "../common/error.ts";
import { launcherPath } from "../platform/launcher_path.ts";
import { runLauncher } from "../platform/run_launcher.ts";
import { type ProcessSet, selection } from "./process_set.ts";

/** A process of a jail. */
export interface JailProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  /** One letter as ps shows it: R, S, D, T, ... */
  readonly state: string;
  readonly threads: number;
  /** Resident memory in bytes. */
  readonly rss: number;
  /** Its share of memory in bytes; over a jail's processes it adds up to what they take together. */
  readonly memory: number;
  /** Processor time in user and in system mode, in microseconds. */
  readonly user: number;
  readonly system: number;
  /** The same of its children that have ended and that it waited for, with theirs. */
  readonly childUser: number;
  readonly childSystem: number;
  readonly command: string;
}

/** The launcher's exit status when processes are left, or run, at the deadline. */
const someLeft = 3;

/**
 * Every live process of the jail, also those of nested chroots and sessions of their own; zombies are left out. Rejects with
 * invalidArgument for the host's own root, and its user.
 */
export async function listJailProcesses(set: ProcessSet, launcher = launcherPath()): Promise<JailProcess[]> {
  const { status, stdout, stderr } = await runLauncher(["ps", ...selection(set)], { launcher });
  if (status !== 0) throw failure(stderr);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JailProcess);
}

/** Sends a signal once to every process of the jail but `except`. Resolves to how many there were. */
export async function killJail(
  set: ProcessSet,
  options: { readonly signal: number; readonly except?: number },
  launcher = launcherPath(),
): Promise<number> {
  const except = options.except === undefined ? [] : ["--except", String(options.except)];
  const args = ["kill", ...selection(set), "--signal", String(options.signal), ...except];
  const { status, stdout, stderr } = await runLauncher(args, { launcher });
  if (status !== 0) throw failure(stderr);
  return Number(stdout);
}

/**
 * Sends SIGKILL until the jail is empty, also to what is forked meanwhile. Resolves to false when some processes
 * are left after `timeoutMs` milliseconds.
 */
export async function killJailUntilGone(
  set: ProcessSet,
  timeoutMs: number,
  launcher = launcherPath(),
): Promise<boolean> {
  const timeout = ["--timeout", String(Math.ceil(timeoutMs))];
  const args = ["kill", ...selection(set), "--until-gone", ...timeout];
  const { status, stderr } = await runLauncher(args, { launcher });
  if (status !== 0 && status !== someLeft) throw failure(stderr);
  return status === 0;
}

/**
 * Stops every process of the jail, also what is forked meanwhile. Resolves to the pids of those that were stopped before,
 * which `thawJail` must leave so, or to undefined when after `timeoutMs` milliseconds some still ran: then all run again.
 */
export async function freezeJail(
  set: ProcessSet,
  timeoutMs: number,
  launcher = launcherPath(),
): Promise<number[] | undefined> {
  const args = ["freeze", ...selection(set), "--timeout", String(Math.ceil(timeoutMs))];
  const { status, stdout, stderr } = await runLauncher(args, { launcher });
  if (status === someLeft) return undefined;
  if (status !== 0) throw failure(stderr);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

/** Lets every process of the jail go on but those in `except`. */
export async function thawJail(
  set: ProcessSet,
  except: readonly number[],
  launcher = launcherPath(),
): Promise<void> {
  const args = ["thaw", ...selection(set), "--except", except.join(",")];
  const { status, stderr } = await runLauncher(args, { launcher });
  if (status !== 0) throw failure(stderr);
}

function failure(stderr: string): RundError {
  return new RundError(Code.invalidArgument, stderr.trim() || "launcher: failed without a word");
}
