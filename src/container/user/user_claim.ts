import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../common/error.ts";
import { platform } from "../../platform/platform.ts";
import { loadState } from "../state_file.ts";

/** Whose a user is: a file that stands beside its home as long as it is somebody's. */
export interface UserClaim {
  /** The folder of the container. */
  readonly folder: string;
  /** Who makes the container, until its state file names the user. */
  readonly pid: number;
}

/** Where the homes and claims of jails' users are. */
export function homesFolder(): string {
  const folder = platform().homesDirectory;
  // Users go through it to their homes, and nobody lists it.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  return folder;
}

export function claimFile(uid: number): string {
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
    const { folder, pid } = JSON.parse(text) as Partial<UserClaim>;
    if (typeof folder === "string" && typeof pid === "number") return { folder, pid };
  } catch {}
  return { folder: "", pid: 0 };
}

export function claimedIds(): number[] {
  return readdirSync(homesFolder())
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10));
}

/** Whether somebody still needs the user, or takes it back: its container's state says so, or its container is being made. */
export function isClaimed(uid: number, { folder, pid }: UserClaim): boolean {
  try {
    if (loadState(folder)?.mounts?.uid === uid) return true;
  } catch {
    // Damaged: `delete` will come for it, and knows its user no more.
  }
  return isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}
