import type { HostUsers } from "../../platform/host_users.ts";
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

/**
 * Removes what a user has left outside of its home, since the next jail may get the same number. It is done as that user, so
 * that no link in there leads to somebody else's files.
 */
export async function removeFilesOf(uid: number, users: HostUsers): Promise<void> {
  const entries = ["-mindepth", "1", "-maxdepth", "1", "-user", String(uid)];
  await runProgram(
    "find",
    ["-H", ...(await users.folders(uid)), ...entries, "-exec", "rm", "-rf", "{}", "+"],
    uid,
  );
}
