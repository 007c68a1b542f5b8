import { Code, RundError } from "../common/error.ts";
import type { JailProcessOptions, ResourceLimit } from "./jailed_process.ts";
import { linuxRecords } from "./linux_settings.ts";

/** The OCI specification has unsigned 64-bit limits; JSON rounds the largest, which mean "no limit". */
const unlimitedFrom = 2 ** 63;

/**
 * The launcher's request (see launcher/request.h): NUL-terminated `key value` records and an empty one at the end.
 * Throws invalidArgument for a value that cannot be passed on.
 */
export function launchRequest(options: Omit<JailProcessOptions, "stdio">): Buffer {
  const records = [
    `${options.home ? "home" : "root"} ${options.root}`,
    ...(options.home ? [`profile ${options.home.profile}`] : []),
    ...(options.program === undefined ? [] : [`program ${options.program}`]),
    ...options.args.map((arg) => `arg ${arg}`),
    ...environment(options.env).map((variable) => `env ${variable}`),
    `cwd ${options.cwd === "" ? "/" : options.cwd}`,
    ...(options.requireCwd ? ["require cwd"] : []),
    `uid ${options.uid}`,
    `gid ${options.gid}`,
    ...options.additionalGids.map((group) => `group ${group}`),
    ...(options.umask === undefined ? [] : [`umask ${options.umask}`]),
    ...(options.softFileLimit === undefined ? [] : [`files ${options.softFileLimit}`]),
    ...options.limits.map(limitRecord),
    ...(options.linux ? linuxRecords(options.linux) : []),
    ...(options.seatbelt ? [`seatbelt ${options.seatbelt}`] : []),
    ...(options.terminal ? [terminalRecord(options)] : []),
    ...(options.input === undefined ? [] : [`input ${options.input.path}`]),
    ...(options.gate === undefined ? [] : [`gate ${options.gate}`]),
    ...(options.console === undefined ? [] : [`console ${options.console}`]),
    ...(options.foreground ? ["foreground 1"] : []),
    ...(options.kept ? [`keep ${options.kept}`] : []),
    ...(options.listeners ? [`listeners ${options.listeners}`] : []),
  ];
  for (const record of records) refuseNul(record);
  return Buffer.from(`${records.join("\0")}\0\0`);
}

function refuseNul(record: string): void {
  if (!record.includes("\0")) return;
  const key = record.slice(0, record.indexOf(" "));
  throw new RundError(Code.invalidArgument, `process ${key}: must not contain a NUL`);
}

/** The last entry of a name wins, as with runc, and stands where the first one stood. */
function environment(entries: readonly string[]): string[] {
  const variables = new Map<string, string>();
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals <= 0) throw new RundError(Code.invalidArgument, `process env: "${entry}" is not NAME=value`);
    variables.set(entry.slice(0, equals), entry);
  }
  return [...variables.values()];
}

function limitRecord(limit: ResourceLimit): string {
  return `limit ${limit.type} ${limitValue(limit.soft)} ${limitValue(limit.hard)}`;
}

function limitValue(value: number): string {
  return value >= unlimitedFrom || value === -1 ? "unlimited" : String(value);
}

function terminalRecord(options: Omit<JailProcessOptions, "stdio">): string {
  return `terminal ${options.terminalSize?.width ?? 0} ${options.terminalSize?.height ?? 0}`;
}
