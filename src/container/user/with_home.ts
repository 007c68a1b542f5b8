import { existsSync } from "node:fs";
import type { Logger } from "../../common/log.ts";
import { journalPath } from "../../mount/mount_record.ts";
import type { HomeView } from "../../mount/types.ts";
import type { Bundle } from "../../oci/bundle.ts";
import { removeState, saveState } from "../state_file.ts";
import { homeOf, releaseJailUser, takeJailUser } from "./jail_users.ts";
import { isReachable } from "./reachable.ts";
import { temporaryFolder } from "./user_jail.ts";

/**
 * Makes a user for a bundle's container, and `make`s that with the user's home. When it fails the user is given back;
 * otherwise the container's jail does it. `id` is the container's.
 */
export async function withHome<T>(
  id: string,
  { spec, folder, path }: Bundle,
  logger: Logger,
  make: (home: HomeView) => Promise<T>,
): Promise<T> {
  const save = (uid: number) => {
    const mounts = { root: homeOf(uid), journal: journalPath(folder), uid };
    saveState(folder, { containerId: id, ...(path !== folder && { bundle: path }), pid: 0, mounts });
  };
  const uid = await takeJailUser(folder, save, logger);
  const { uid: imageUid = 0, gid: imageGid = 0 } = spec.process?.user ?? {};
  try {
    const owners = { uid, gid: uid, imageUid, imageGid };
    return await make({ path: homeOf(uid), temporary: temporaryFolder, ...owners, isReachable });
  } catch (error) {
    await releaseJailUser(uid, folder);
    // Where the journal is still there, something of it could not be taken back.
    if (!existsSync(journalPath(folder))) removeState(folder);
    throw error;
  }
}
