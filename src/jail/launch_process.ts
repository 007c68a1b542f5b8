import { launcherPath } from "../platform/launcher_path.ts";
import type { JailedProcess, JailProcessOptions } from "./jailed_process.ts";
import { launchRequest } from "./launch_request.ts";
import { LaunchedProcess } from "./launched_process.ts";
import { spawnLauncher } from "./spawn_launcher.ts";

/**
 * Makes one process of a jail, up to the launcher's gate: it has its pid, user and limits and its program is found, but
 * nothing of the image has run. The caller may close its copies of the `stdio` descriptors once this has settled.
 * Rejects with a RundError when the process cannot be made (texts as docker expects them, e.g. `exec: "foo": executable
 * file not found in $PATH`); nothing is left of it then.
 */
export async function launchProcess(
  options: JailProcessOptions,
  launcher: string = launcherPath(),
): Promise<JailedProcess> {
  const request = launchRequest(options);
  const launched = new LaunchedProcess(await spawnLauncher(launcher, options.stdio), options.terminal);
  await launched.launch(request);
  return launched;
}
