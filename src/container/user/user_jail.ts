import { posix } from "node:path";
import { Code, RundError } from "../../common/error.ts";
import type { Bundle } from "../../oci/bundle.ts";
import type { Process, User } from "../../oci/spec.ts";
import type { LaunchOptions } from "../container_process.ts";
import type { Jail, JailRecord } from "../jail.ts";
import { launchOptions } from "../launch_options.ts";
import { releaseJailUser } from "./jail_users.ts";
import { userName } from "./user_pool.ts";

/** What is read before the program, as OBuilder has it. */
const profile = ".obuilder_profile.sh";

/** Bounding, effective, inheritable, permitted, ambient. */
const noCapabilities = [0, 0, 0, 0, 0];

export type UserJailRecord = JailRecord & { readonly uid: number };

/** The folder in the home that is TMPDIR. */
export const temporaryFolder = "/tmp";

/** A jail that is a user: its processes see the host's root, and the image's files are their home. */
export function userJail(record: UserJailRecord, bundle: Bundle): Jail {
  const { spec, folder } = bundle;
  const { uid, root } = record;
  return {
    record,
    launchOptions(process) {
      assertSameUser(process.user, spec.process?.user);
      return userOptions(launchOptions(root, process, spec), process, record);
    },
    release: () => releaseJailUser(uid, folder),
  };
}

/**
 * There is one user, who is whoever the container's own process was asked to be: another one would have to be another
 * user of the host's.
 */
function assertSameUser(asked: User | undefined, own: User | undefined): void {
  const { uid = 0, gid = 0 } = asked ?? {};
  if (uid === (own?.uid ?? 0) && gid === (own?.gid ?? 0)) return;
  throw new RundError(
    Code.failedPrecondition,
    `user ${uid}:${gid}: a jail that is a user has no other than ${own?.uid ?? 0}:${own?.gid ?? 0}`,
  );
}

/** `base` is what the process would be in a root directory of its own. */
function userOptions(base: LaunchOptions, process: Process, { root, uid }: UserJailRecord): LaunchOptions {
  const { linux, ...options } = base;
  return {
    ...options,
    home: { profile },
    cwd: insideHome(root, process.cwd ?? "/"),
    uid,
    gid: uid,
    additionalGids: [],
    env: [...base.env, ...homeVariables(root, uid)],
    ...(linux && { linux: { ...linux, capabilities: noCapabilities, noNewPrivileges: true } }),
  };
}

/** What a path of the image is on the host. A path that is in the home already, as HOME names it, stays. */
function insideHome(home: string, path: string): string {
  const absolute = posix.resolve("/", path);
  if (absolute === home || absolute.startsWith(`${home}/`)) return absolute;
  return posix.join(home, absolute);
}

/** These win over the image's own, which were made for a root directory. */
function homeVariables(home: string, uid: number): string[] {
  const name = userName(uid);
  return [`HOME=${home}`, `TMPDIR=${home}${temporaryFolder}`, `USER=${name}`, `LOGNAME=${name}`];
}
