import { once } from "node:events";
import { Deferred } from "../common/deferred.ts";
import { SnapshotterDaemon } from "./daemon.ts";
import { createLogger, type LogLevel } from "./logger.ts";

export interface SnapshotterSettings {
  readonly root: string;
  readonly address: string;
  readonly containerd: string;
  readonly logLevel: LogLevel;
}

/** Runs the daemon until SIGTERM or SIGINT. Answers what the program is to exit with. */
export async function runSnapshotter(settings: SnapshotterSettings): Promise<number> {
  const { root, address, containerd, logLevel } = settings;
  const logger = createLogger(logLevel);
  // For the socket, which else anybody could connect to until its mode is set.
  process.umask(0o077);
  try {
    const failure = new Deferred<string>();
    const failed = (reason: string) => failure.resolve(reason);
    const daemon = await SnapshotterDaemon.start({ root, address, containerd, logger, failed });
    const asked = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
    const reason = await Promise.race([asked.then(() => undefined), failure.promise]);
    if (reason !== undefined) throw new Error(reason);
    await daemon.stop();
    return 0;
  } catch (error) {
    logger.error("snapshotter ends", { reason: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}
