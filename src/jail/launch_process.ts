import { launcherPath } from "../platform/launcher_path.ts";
import type { JailedProcess, JailProcessOptions, ProcessStreams } from "./jailed_process.ts";
import { launchRequest } from "./launch_request.ts";
import { LaunchedProcess } from "./launched_process.ts";
import { spawnLauncher } from "./spawn_launcher.ts";

/** A launcher that runs and waits to be told what to become. */
export interface WaitingLauncher {
  /**
   * Makes one process of a jail, up to the launcher's gate: it has its pid, user and limits and its program is found, but
   * nothing of the image has run. Rejects with a RundError when the process cannot be made (texts as docker expects
   * them, e.g. `exec: "foo": executable file not found in $PATH`); nothing is left of it then.
   */
  launch(options: LaunchOptions): Promise<JailedProcess>;
  /** The same, and opens the gate at once. Rejects too when the program cannot be executed. */
  launchAndStart(options: LaunchOptions): Promise<JailedProcess>;
  /** Ends the launcher, which has become nothing. */
  cancel(): Promise<void>;
}

type LaunchOptions = Omit<JailProcessOptions, "stdio">;

/**
 * Runs a launcher before it is known what it is for: it takes about as long to run as the mounts of the jail take to be
 * made. The caller may close its copies of the `stdio` descriptors once this has settled.
 */
export async function runWaitingLauncher(
  stdio: ProcessStreams,
  launcher: string = launcherPath(),
): Promise<WaitingLauncher> {
  const launched = new LaunchedProcess(await spawnLauncher(launcher, stdio));
  return {
    launch: (options) => launched.launch(launchRequest(options), options),
    launchAndStart: (options) => launched.launchAndStart(launchRequest(options), options),
    cancel: () => launched.cancel(),
  };
}

/** Runs a launcher and makes one process of a jail with it, up to the gate: see {@link WaitingLauncher.launch}. */
export async function launchProcess(
  options: JailProcessOptions,
  launcher: string = launcherPath(),
): Promise<JailedProcess> {
  const waiting = await runWaitingLauncher(options.stdio, launcher);
  try {
    return await waiting.launch(options);
  } catch (error) {
    await waiting.cancel();
    throw error;
  }
}
