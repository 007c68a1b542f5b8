import type { Logger } from "../../common/log.ts";
import type { HomeView } from "../../mount/types.ts";
import type { Bundle } from "../../oci/bundle.ts";
import { homeOf, releaseJailUser, takeJailUser } from "./jail_users.ts";
import { temporaryFolder } from "./user_jail.ts";

/**
 * Makes a user for a bundle's container, and `make`s that with the user's home. When it fails the user is given back;
 * otherwise the container's jail does it.
 */
export async function withHome<T>(
  { spec, folder }: Bundle,
  logger: Logger,
  make: (home: HomeView) => Promise<T>,
): Promise<T> {
  const { uid } = await takeJailUser(folder, logger);
  const { uid: imageUid = 0, gid: imageGid = 0 } = spec.process?.user ?? {};
  try {
    return await make({ path: homeOf(uid), temporary: temporaryFolder, uid, gid: uid, imageUid, imageGid });
  } catch (error) {
    await releaseJailUser(uid, folder, logger);
    throw error;
  }
}
