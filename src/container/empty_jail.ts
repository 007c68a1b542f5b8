import type { Logger } from "../common/log.ts";
import { killJailUntilGone } from "../jail/process_table.ts";

/** How long the processes that an init left behind are given to die of SIGKILL, in milliseconds. */
export const killDeadline = 3_000;

/**
 * Kills whatever is left in a jail: without a pid namespace nothing ends with the init by itself, and
 * whatever holds the output open would make clients wait for ever. What cannot be killed is logged.
 */
export async function emptyJail(root: string, logger: Logger): Promise<void> {
  try {
    const gone = await killJailUntilGone(root, killDeadline);
    if (!gone) logger.warn("jail: processes are left that SIGKILL does not end", { root });
  } catch (error) {
    logger.warn("jail: processes are left", { root, error: String(error) });
  }
}
