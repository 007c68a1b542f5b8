import { chmodSync, chownSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { Code, errnoOf, RundError, systemError } from "../../common/error.ts";
import type { Logger } from "../../common/log.ts";
import { killJailUntilGone, listJailProcesses } from "../../jail/process_table.ts";
import { journalPath } from "../../mount/mount_record.ts";
import { undoMounts } from "../../mount/undo_mounts.ts";
import type { HostUsers } from "../../platform/host_users.ts";
import { platform } from "../../platform/platform.ts";
import { killDeadline } from "../empty_jail.ts";
import { hasState } from "../state_file.ts";
import { removeFilesOf, unmountHome } from "./left_behind.ts";
import { claimedIds, homesFolder, isClaimed, readClaim, removeClaim, writeClaim } from "./user_claim.ts";
import { withUserLock } from "./user_lock.ts";
import { poolIds, readUserPool, userName, userPrefix } from "./user_pool.ts";

/** Where the home of a user is mounted. Its parent lets nobody but the user in. */
export function homeOf(uid: number): string {
  return join(userFolder(uid), "home");
}

function userFolder(uid: number): string {
  return join(platform().homesDirectory, String(uid));
}

/**
 * Makes a user for the container with this folder, answers its id, and removes those whose containers are gone without a word. The lowest
 * free id is taken, so that builds one after the other have the same home. `save` writes the container's state, which has to
 * name the user from now on: by that others know that it is needed. Its group has the same number.
 * @throws RundError resourceExhausted when all are in use, failedPrecondition when the folder has one already
 */
export function takeJailUser(folder: string, save: (uid: number) => void, logger: Logger): Promise<number> {
  return withUserLock(homesFolder(), async () => {
    const users = await platform().users();
    const pool = readUserPool(process.env);
    const made = poolIds(await users.list(userPrefix), pool);
    const taken = await sweep(users, new Set([...made, ...claimedIds()]), logger);
    const own = [...taken].find((uid) => isUserOf(uid, folder));
    if (own !== undefined)
      throw new RundError(Code.failedPrecondition, `bundle: in use by user ${userName(own)}`);
    for (let uid = pool.first; uid <= pool.last; uid++) {
      if (taken.has(uid) || (await listJailProcesses({ uid })).length > 0) continue;
      if (await make(users, uid, folder, save)) return uid;
    }
    const count = pool.last - pool.first + 1;
    throw new RundError(Code.resourceExhausted, `user: all ${count} users for jails are in use (RUND_USERS)`);
  });
}

/** Whether the user is that of the container with this folder: it is from its making until it has been given back. */
export function isUserOf(uid: number, folder: string): boolean {
  return readClaim(uid)?.folder === folder;
}

/** Ends what still runs as the user and removes it, unless it was given back before. */
export function releaseJailUser(uid: number, folder: string): Promise<void> {
  if (!isUserOf(uid, folder)) return Promise.resolve();
  return withUserLock(homesFolder(), async () => {
    if (isUserOf(uid, folder)) await giveBack(await platform().users(), uid);
  });
}

/** False when somebody else has the number. */
async function make(
  users: HostUsers,
  uid: number,
  folder: string,
  save: (uid: number) => void,
): Promise<boolean> {
  writeClaim(uid, { folder });
  try {
    save(uid);
    await users.create({ name: userName(uid), uid, home: homeOf(uid) });
    mkdirSync(userFolder(uid), { recursive: true, mode: 0o700 });
    // Root's, so that the user cannot put anything in the place of its home; its group is the user's alone.
    chownSync(userFolder(uid), 0, uid);
    chmodSync(userFolder(uid), 0o710);
    return true;
  } catch (error) {
    removeClaim(uid);
    if (RundError.from(error).code === Code.alreadyExists) return false;
    throw error;
  }
}

/** Gives back whom nobody needs; answers whom somebody needs, or who cannot be given back. */
async function sweep(users: HostUsers, ids: ReadonlySet<number>, logger: Logger): Promise<Set<number>> {
  const taken = new Set<number>();
  for (const uid of ids) {
    const claim = readClaim(uid);
    if (claim !== undefined && isClaimed(uid, claim)) {
      taken.add(uid);
      continue;
    }
    logger.info(`user: ${userName(uid)} is left of a container that is gone, and removed`);
    await sweepOne(users, uid, claim?.folder, logger).catch((error) => {
      taken.add(uid);
      logger.warn(`user: ${userName(uid)} stays`, { error: String(error) });
    });
  }
  return taken;
}

async function sweepOne(users: HostUsers, uid: number, folder: string | undefined, logger: Logger) {
  await endProcesses(uid);
  // Where there is a state the journal is that of another container, which has come to the same folder.
  if (folder && !hasState(folder)) {
    await undoMounts({ root: homeOf(uid), journal: journalPath(folder) }, logger);
  }
  await unmountHome(homeOf(uid));
  await giveBack(users, uid);
}

async function endProcesses(uid: number): Promise<void> {
  if (await killJailUntilGone({ uid }, killDeadline)) return;
  throw new RundError(Code.internal, `user ${userName(uid)}: its processes do not end`);
}

/**
 * The claim goes last: until then the number is nobody else's, whoever is killed.
 * @throws RundError when something of it has to stay
 */
async function giveBack(users: HostUsers, uid: number): Promise<void> {
  await endProcesses(uid);
  removeFolder(homeOf(uid));
  removeFolder(userFolder(uid));
  await removeFilesOf(uid, users);
  await users.remove(userName(uid));
  removeClaim(uid);
}

/** A home that is still mounted is busy. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw systemError(`user: remove ${folder}`, error);
  }
}
