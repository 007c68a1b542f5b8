import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The fields of /proc/PID/status, as the host sees them. */
export function procStatus(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trim().split("\n");
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
}

/** Session of a process, from /proc/PID/stat. */
export function sessionOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
}

/** The open descriptors of a process and what they are. */
export function descriptorsOf(pid: number | "self"): Map<number, string> {
  const folder = `/proc/${pid}/fd`;
  const open = new Map<number, string>();
  for (const name of readdirSync(folder)) {
    try {
      open.set(Number(name), readlinkSync(`${folder}/${name}`));
    } catch {
      // The descriptor that lists the folder is gone again.
    }
  }
  return open;
}

/** Whether the process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !procStatus(pid).get("State")?.startsWith("Z");
  } catch {
    return false;
  }
}
