import { Code, RundError } from "../common/error.ts";
import { launcherPath } from "../platform/launcher_path.ts";
import { runLauncher } from "../platform/run_launcher.ts";

/** Who a name is in a jail. */
export interface JailUser {
  readonly uid: number;
  readonly gid: number;
  /** The groups that /etc/group has the user in; none where a group was named. */
  readonly groups: readonly number[];
}

/**
 * Looks `USER[:GROUP]`, names or numbers, up in /etc/passwd and /etc/group of the jail with this absolute host path as root: from
 * inside, so that no link of the image leads to the host's.
 * @throws RundError notFound for a name that they do not have
 */
export async function findJailUser(root: string, name: string, launcher = launcherPath()): Promise<JailUser> {
  const { status, stdout, stderr } = await runLauncher(["user", "--root", root, "--name", name], {
    launcher,
  });
  if (status === 0) return JSON.parse(stdout.toString()) as JailUser;
  const reason = stderr.trim().replace(/^rund-jail: /, "");
  throw new RundError(status === notFound ? Code.notFound : Code.unknown, reason || "user: not looked up");
}

/** As a shell has it. */
const notFound = 127;
