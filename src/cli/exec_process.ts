import { readFileSync } from "node:fs";
import { Code, RundError, systemError } from "../common/error.ts";
import type { Container } from "../container/container.ts";
import type { Capabilities, Process, User } from "../oci/spec.ts";
import { assertProcess } from "../oci/validate.ts";
import { launchFlags } from "./launch_flags.ts";

export const execFlags = {
  process: {
    type: "string",
    alias: "p",
    describe: "file with the process as the OCI specification has it (JSON)",
  },
  tty: { type: "boolean", alias: "t", describe: "run it on a terminal" },
  cwd: { type: "string", describe: "working directory in the container" },
  env: { type: "string", array: true, alias: "e", describe: "NAME=value to add to the environment" },
  user: { type: "string", alias: "u", describe: "USER or USER:GROUP; names are looked up in the container" },
  "additional-gids": { type: "number", array: true, alias: "g", describe: "a group to add" },
  cap: { type: "string", array: true, alias: "c", describe: "a capability to add" },
  "no-new-privs": { type: "boolean", describe: "no program that it runs gains rights" },
  detach: { type: "boolean", alias: "d", describe: "end when the program runs, and leave it running" },
  ...launchFlags,
  apparmor: { type: "string", describe: "no effect" },
  "process-label": { type: "string", describe: "no effect" },
  cgroup: { type: "string", array: true, describe: "no effect: jails have no cgroups" },
  "ignore-paused": { type: "boolean", describe: "no effect: nothing runs in a paused container" },
} as const;

export interface ExecFlags {
  readonly process?: string | undefined;
  readonly tty?: boolean | undefined;
  readonly cwd?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly "additional-gids"?: readonly number[] | undefined;
  readonly cap?: readonly string[] | undefined;
  readonly "no-new-privs"?: boolean | undefined;
}

/**
 * The process document that an exec's flags ask for: that of a file, or the container's own with changes.
 * @throws RundError invalidArgument
 */
export async function execProcess(
  flags: ExecFlags,
  args: readonly string[],
  container: Pick<Container, "bundle" | "findUser">,
): Promise<Process> {
  if (flags.process) return readProcess(flags.process);
  if (args.length === 0) throw new RundError(Code.invalidArgument, "needs a command: see rund exec --help");
  const own = container.bundle.spec.process ?? {};
  return {
    ...own,
    args,
    terminal: flags.tty ?? false,
    env: [...(own.env ?? []), ...(flags.env ?? [])],
    ...(flags.cwd && { cwd: flags.cwd }),
    user: await changedUser(own.user ?? {}, flags, container),
    ...(flags["no-new-privs"] !== undefined && { noNewPrivileges: flags["no-new-privs"] }),
    ...(own.capabilities && flags.cap && { capabilities: withCapabilities(own.capabilities, flags.cap) }),
  };
}

function readProcess(file: string): Process {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw systemError(`process: open ${file}`, error);
    throw new RundError(Code.invalidArgument, `${file}: not JSON: ${error.message}`, { cause: error });
  }
  assertProcess(file, document);
  return document;
}

/** As with runc a number leaves the groups as they are. A name, which runc does not take, brings its own. */
async function changedUser(
  own: User,
  { user, "additional-gids": groups = [] }: ExecFlags,
  container: Pick<Container, "findUser">,
): Promise<User> {
  const additionalGids = [...(own.additionalGids ?? []), ...groups];
  if (!user) return { ...own, additionalGids };
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user) ?? [];
  if (uid === undefined) {
    const found = await container.findUser(user);
    return { ...own, uid: found.uid, gid: found.gid, additionalGids: [...found.groups, ...groups] };
  }
  return { ...own, additionalGids, uid: Number(uid), ...(gid !== undefined && { gid: Number(gid) }) };
}

/** To all sets but the inheritable one, as runc does it. */
function withCapabilities(own: Capabilities, added: readonly string[]): Capabilities {
  const add = (set: readonly string[] = []) => [...new Set([...set, ...added])];
  return {
    ...own,
    bounding: add(own.bounding),
    effective: add(own.effective),
    permitted: add(own.permitted),
    ambient: add(own.ambient),
  };
}
