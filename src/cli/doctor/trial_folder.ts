import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Lends a new temporary folder and removes it. What is still mounted in it would be removed too, so all must be taken back. */
export async function withTrialFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  // Without links: macOS's /tmp is one.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "rund-doctor-")));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
