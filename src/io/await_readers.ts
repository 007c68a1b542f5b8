import type { Logger } from "../common/log.ts";
import { runLauncher } from "../platform/run_launcher.ts";

/**
 * Gives the clients of these outputs, of which we hold reading ends, a fifth of a second to read the rest. Some give up
 * what they have not read when they hear of the exit, as ctr does. JavaScript cannot see what is left in a pipe.
 */
export async function awaitReaders(outputs: readonly number[], logger: Logger): Promise<void> {
  if (outputs.length === 0) return;
  try {
    await runLauncher(["unread", String(outputs.length)], { descriptors: outputs });
  } catch (error) {
    logger.warn("output: cannot see whether it is read", { error: String(error) });
  }
}
