import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { platform } from "../../platform/platform.ts";
import { runProgram } from "../../platform/run_program.ts";

/**
 * Takes a home's mounts off whose journal has gone with the folder of its container. Nobody but root can have put anything
 * at that path; what is mounted in the home comes off first.
 */
export async function unmountHome(home: string): Promise<void> {
  const targets = (await platform().readMountTable()).map(({ target }) => target);
  const ours = targets.filter((target) => target === home || target.startsWith(`${home}/`));
  const flag = platform().name === "darwin" ? "-f" : "-l";
  for (const target of ours.reverse()) await runProgram("umount", [flag, target]);
}

/** Where everybody may make files. */
const sharedFolders = ["/tmp", "/var/tmp", "/dev/shm"];

/** Milliseconds. */
const timeLimit = 10_000;

/**
 * Removes what a user has left in folders that are everybody's, since the next jail may get the same number. It is done as
 * that user, so that no link in there leads to somebody else's files. What stays is only a little longer there.
 */
export function removeFilesOf(uid: number): Promise<void> {
  const folders = sharedFolders.filter((folder) => existsSync(folder));
  const remove = ["-exec", "rm", "-rf", "{}", "+"];
  const args = [...folders, "-mindepth", "1", "-maxdepth", "1", "-user", String(uid), ...remove];
  const options = { uid, gid: uid, cwd: "/", env: { PATH: "/usr/bin:/bin" }, timeout: timeLimit };
  return new Promise((resolve) => execFile("find", args, options, () => resolve()));
}
