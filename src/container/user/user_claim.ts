import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../common/error.ts";
import { platform } from "../../platform/platform.ts";
import { loadState } from "../state_file.ts";

/** Whose a user is: a file that stands beside its home as long as it is somebody's. */
export interface UserClaim {
  /** The folder of the container. */
  readonly folder: string;
}

/** Where the homes and claims of jails' users are. */
export function homesFolder(): string {
  const folder = platform().homesDirectory;
  // Users go through it to their homes, and nobody lists it.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o711);
  return folder;
}

function claimFile(uid: number): string {
  return join(platform().homesDirectory, `${uid}.json`);
}

export function writeClaim(uid: number, claim: UserClaim): void {
  writeFileSync(claimFile(uid), JSON.stringify(claim), { mode: 0o600, flag: "wx" });
}

export function removeClaim(uid: number): void {
  rmSync(claimFile(uid), { force: true });
}

/** The claim on a user; one without a folder when the file is torn, undefined when there is none. */
export function readClaim(uid: number): UserClaim | undefined {
  try {
    return parseClaim(readFileSync(claimFile(uid), "utf8"));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseClaim(text: string): UserClaim {
  try {
    const { folder } = JSON.parse(text) as Partial<UserClaim>;
    if (typeof folder === "string") return { folder };
  } catch {}
  return { folder: "" };
}

export function claimedIds(): number[] {
  return readdirSync(homesFolder())
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10));
}

/** Whether somebody still needs the user, or takes it back: then the state in the container's folder names it. */
export function isClaimed(uid: number, { folder }: UserClaim): boolean {
  try {
    return loadState(folder)?.mounts?.uid === uid;
  } catch {
    // Damaged: `delete` will come for the container, and knows its user no more.
    return false;
  }
}
