import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does work that a signal ends, after it has tidied up. The result is what the program exits with: 0, or 128 and the number of
 * the signal.
 */
export async function untilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const controller = new AbortController();
  let received: (typeof signals)[number] | undefined;
  const stop = (name: NodeJS.Signals) => {
    received ??= signals.find((each) => each === name);
    controller.abort(new Error("interrupted"));
  };
  for (const name of signals) process.on(name, stop);
  try {
    await work(controller.signal);
    return 0;
  } catch (error) {
    if (received === undefined) throw error;
    return 128 + constants.signals[received];
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
