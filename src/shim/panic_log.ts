import { linkSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The daemon's stderr: what it says when it dies. `delete` prints it, and containerd logs that. */
export function panicLogPath(bundle: string): string {
  return join(bundle, "panic.log");
}

/**
 * For the daemon, whose stderr the panic log is. On a full disk the text is lost: an error of this write would be one more
 * surprise to write about, and so on for ever.
 */
export function appendToPanicLog(text: string): void {
  try {
    writeSync(2, text);
  } catch {}
}

/** What the daemon said when it died, "" for nothing. */
export function readPanicLog(bundle: string): string {
  try {
    return readFileSync(panicLogPath(bundle), "utf8");
  } catch {
    return "";
  }
}

/** Gives a bundle that joins the daemon of others the panic log of theirs: whichever `delete` comes prints it. */
export function sharePanicLog(bundle: string, others: readonly string[]): void {
  for (const other of others) {
    try {
      linkSync(panicLogPath(other), panicLogPath(bundle));
      return;
    } catch {}
  }
}
