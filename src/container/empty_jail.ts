import type { Logger } from "../common/log.ts";
import { type ProcessSet, selection } from "../jail/process_set.ts";
import { killJailUntilGone } from "../jail/process_table.ts";

/** How long the processes that an init left behind are given to die of SIGKILL, in milliseconds. */
export const killDeadline = 3_000;

/**
 * Kills whatever is left in a jail: without a pid namespace nothing ends with the init by itself, and
 * whatever holds the output open would make clients wait for ever. What cannot be killed is logged.
 */
export async function emptyJail(set: ProcessSet, logger: Logger): Promise<void> {
  try {
    const gone = await killJailUntilGone(set, killDeadline);
    if (!gone)
      logger.warn("jail: processes are left that SIGKILL does not end", { jail: selection(set).join(" ") });
  } catch (error) {
    logger.warn("jail: processes are left", { jail: selection(set).join(" "), error: String(error) });
  }
}
