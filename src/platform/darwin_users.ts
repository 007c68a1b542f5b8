import { Code, RundError } from "../common/error.ts";
import type { HostUser, HostUsers } from "./host_users.ts";
import { type RunProgram, runProgram } from "./run_program.ts";

const program = "/usr/bin/dscl";
const shell = "/bin/bash";
/** Tells, and makes, the folders below /private/var/folders that each user has. */
const getconf = "/usr/bin/getconf";

/**
 * Users in the local directory node, made as OBuilder makes its own: the record comes to be with its first attribute, and
 * without a password attribute nobody can log in. `run` is another one in tests.
 */
export function darwinUsers(run: RunProgram = runProgram): HostUsers {
  const dscl = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await run(program, [".", ...args]);
    if (status === 0) return stdout;
    const reason = stderr.trim().split("\n").at(-1) || `exit code ${status}`;
    throw new RundError(Code.internal, `dscl ${args.slice(0, 2).join(" ")}: ${reason}`);
  };
  const list = async (prefix: string): Promise<readonly string[]> => {
    const names = (await dscl("-list", "/Users")).split("\n").map((line) => line.trim());
    return names.filter((name) => name.startsWith(prefix));
  };
  return {
    shell,
    list,
    async create(user) {
      await assertFree(user, dscl, list);
      const record = `/Users/${user.name}`;
      for (const [attribute, value] of attributes(user)) await dscl("-create", record, attribute, value);
    },
    async folders(uid) {
      const own = ["DARWIN_USER_TEMP_DIR", "DARWIN_USER_CACHE_DIR"].map((name) => run(getconf, [name], uid));
      const paths = (await Promise.all(own)).map(({ stdout }) => stdout.trim());
      return ["/private/tmp", "/private/var/tmp", ...paths.filter((path) => path.startsWith("/"))];
    },
    async remove(name) {
      // dscl has no code of its own for a record that is not there.
      if (!(await list(name)).includes(name)) return;
      // The name will be another jail's; it fails for a user without jobs, which is the usual case.
      await run("/usr/bin/crontab", ["-u", name, "-r"]);
      await dscl("-delete", `/Users/${name}`);
    },
  };
}

/** The number comes first: what dies after it leaves a user that the next sweep finds by its name. */
function attributes({ uid, home }: HostUser): readonly (readonly [name: string, value: string])[] {
  return [
    ["UniqueID", String(uid)],
    ["PrimaryGroupID", String(uid)],
    ["UserShell", shell],
    ["NFSHomeDirectory", home],
    // Not among those that the login window offers.
    ["IsHidden", "1"],
  ];
}

/** dscl gives a number to as many users as one likes. */
async function assertFree(
  { name, uid }: HostUser,
  dscl: (...args: readonly string[]) => Promise<string>,
  list: (prefix: string) => Promise<readonly string[]>,
): Promise<void> {
  const same = await dscl("-search", "/Users", "UniqueID", String(uid));
  if (same.trim() !== "" || (await list(name)).includes(name))
    throw new RundError(Code.alreadyExists, `dscl ${name}: the name or number ${uid} is taken`);
}
