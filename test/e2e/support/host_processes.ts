import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A live process of the host. Zombies have no arguments any more and are not found by them. */
export interface HostProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** All processes one of whose arguments is, or contains, `text`. */
export function processesWith(text: string): HostProcess[] {
  return hostProcesses().filter(({ args }) => args.some((arg) => arg.includes(text)));
}

/** The daemon of a container's shim. */
export function shimPid(containerId: string): number {
  const [pid, ...more] = shimPids(containerId);
  if (pid === undefined || more.length > 0)
    throw new Error(`shim of ${containerId}: ${more.length} too many, or none`);
  return pid;
}

/**
 * The daemons of a container's shim, of which there should be one at most. A child that is yet to become another
 * program has its arguments too, and leads no session as a daemon does.
 */
export function shimPids(containerId: string): number[] {
  const isShim = ({ pid, args }: HostProcess) => {
    const id = args.indexOf("-id");
    return id > 0 && args[id + 1] === containerId && args.at(-1) === "daemon" && leadsSession(pid);
  };
  return hostProcesses()
    .filter(isShim)
    .map(({ pid }) => pid);
}

/** How many descriptors a process has open. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** What the descriptors of a process are open on, for the message of a failure. */
export function descriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return [];
    }
  });
}

/**
 * Whether a process is there and no zombie. One whose first thread has ended, and others not yet, still has its
 * descriptors open.
 */
export function isAlive(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return !/^State:\s+Z/m.test(status) || !/^Threads:\s+1$/m.test(status);
  } catch {
    return false;
  }
}

function hostProcesses(): HostProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: argumentsOf(name) }))
    .filter(({ args }) => args.length > 0);
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** Whether a process leads a session: the fourth field after its name, which may hold anything, is its own pid. */
function leadsSession(pid: number): boolean {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ");
    return fields[3] === String(pid);
  } catch {
    return false;
  }
}

/** The state of a process as one letter, "" for one that is not there. */
export function processState(pid: number): string {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}
