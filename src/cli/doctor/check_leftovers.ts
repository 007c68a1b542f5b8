import { parseMountCommand } from "../../platform/mount_command.ts";
import type { MountEntry } from "../../platform/mount_entry.ts";
import { parseMountinfo } from "../../platform/mountinfo.ts";
import { type Check, type CommandResult, type DoctorHost, type Finding, printed } from "./finding.ts";

const patience = 3_000;

/** Mounts of file servers that are dead or hang: each program that comes near them hangs too. */
export const checkLeftovers: Check = async (host) => {
  const served = (await mountTable(host)).filter(({ type, source }) => isServed(host, type, source));
  const looks = await Promise.all(served.map(async (entry) => ({ entry, result: await look(host, entry) })));
  const dead = looks.flatMap(({ entry, result }) => {
    const state = stateOf(result);
    return state === undefined ? [] : [{ entry, state }];
  });
  const about = { id: "mounts", title: "Mounts" };
  if (dead.length === 0)
    return [{ ...about, level: "ok", found: `${served.length} of file servers, all answer` }];
  const command = host.platform === "darwin" ? "umount -f" : "umount -l";
  const finding: Finding = {
    ...about,
    level: "warning",
    found: dead.map(({ entry, state }) => `${entry.target} ${state}`).join("; "),
    why: "what touches such a folder fails or hangs, df and Finder among it",
    fix: dead.map(({ entry }) => `sudo ${command} '${entry.target}'`),
  };
  return [finding];
};

/** Neither way touches the mounts themselves. */
async function mountTable(host: DoctorHost): Promise<MountEntry[]> {
  if (host.platform === "linux") return parseMountinfo(host.read("/proc/self/mountinfo") ?? "");
  return parseMountCommand(printed(await host.run("/sbin/mount", [])) ?? "");
}

/** With macFUSE the type tells; FUSE-T's mounts are NFS or SMB mounts of this machine. */
function isServed({ platform }: DoctorHost, type: string, source: string): boolean {
  if (platform === "linux") return type === "fuse" || type === "fuse.bindfs";
  return (
    /^(mac|osx)fuse/.test(type) ||
    (/^(nfs|smbfs)$/.test(type) && /localhost|127\.0\.0\.1|fuse-t/.test(source))
  );
}

/** By a program of its own, which may hang instead of this one. */
function look(host: DoctorHost, { target }: MountEntry): Promise<CommandResult> {
  return host.run(host.platform === "darwin" ? "/usr/bin/stat" : "stat", [target], patience);
}

function stateOf(result: CommandResult): string | undefined {
  if (result.kind === "late") return "does not answer";
  if (result.kind !== "ended" || result.status === 0) return undefined;
  return /not configured|not connected/i.test(result.stderr) ? "has lost its file server" : undefined;
}
