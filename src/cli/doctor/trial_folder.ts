import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "../../platform/platform.ts";

/**
 * Lends a new temporary folder and removes it afterwards. It stays when something is still mounted in it, because what the
 * mount shows would be removed too; whoever has failed to unmount it says so.
 */
export async function withTrialFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  // Without links: macOS's /tmp is one.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "rund-doctor-")));
  try {
    return await use(folder);
  } finally {
    const mounts = await platform().readMountTable();
    const isInUse = mounts.some(({ target }) => target.startsWith(`${folder}/`));
    if (!isInUse) rmSync(folder, { recursive: true, force: true });
  }
}
