import { SnapshotterDaemon } from "./daemon.ts";
import { createLogger, type LogLevel } from "./logger.ts";

export interface SnapshotterSettings {
  readonly root: string;
  readonly address: string;
  readonly containerd: string;
  readonly logLevel: LogLevel;
}

/** Runs the daemon until SIGTERM or SIGINT. */
export async function runSnapshotter(settings: SnapshotterSettings): Promise<void> {
  const { root, address, containerd, logLevel } = settings;
  const logger = createLogger(logLevel);
  // For the socket, which else anybody could connect to until its mode is set.
  process.umask(0o077);
  const failed = (reason: string): void => {
    logger.error("snapshotter ends", { reason });
    process.exit(1);
  };
  try {
    const daemon = await SnapshotterDaemon.start({ root, address, containerd, logger, failed });
    const end = () => void daemon.stop().then(() => process.exit(0));
    process.once("SIGTERM", end).once("SIGINT", end);
  } catch (error) {
    failed(error instanceof Error ? error.message : String(error));
  }
}
