import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

const executeByOthers = 0o001;

/**
 * Whether somebody who is nobody in particular can get into a folder by its path on the host: everybody may go through all
 * folders above it. Its own mode does not count, which its owner can change. Of a folder that is not there false: whoever
 * needs it says so.
 */
export function isReachable(path: string): boolean {
  try {
    let folder = realpathSync(path);
    while (folder !== "/") {
      folder = dirname(folder);
      if ((statSync(folder).mode & executeByOthers) === 0) return false;
    }
    return true;
  } catch {
    return false;
  }
}
