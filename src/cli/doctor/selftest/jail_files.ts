import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statfsSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DoctorHost } from "../finding.ts";
import { printed } from "../finding.ts";

/** The programs that the selftest runs in a jail, as they are found on both systems. */
const programs = ["sh", "cat", "ls", "sleep", "id", "tty", "rm"];

/** Those that look names up, on macOS. */
const darwinPrograms = ["/usr/bin/dns-sd", "/sbin/ping"];

const folders = ["bin", "usr/bin", "tmp", "etc", "var", "home"];

/** Where macOS 13 and later, and those before, keep the libraries of all programs in one. */
const libraryCaches = ["/System/Volumes/Preboot/Cryptexes/OS/System/Library/dyld", "/System/Library/dyld"];

/**
 * Fills a folder with what a jail needs to run a shell, out of this system's own files.
 * @throws Error when something of it is missing, or the disk is too full
 */
export async function makeJailFiles(host: DoctorHost, root: string): Promise<void> {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  if (host.platform === "darwin") await copyDarwin(host, root);
  else await copyLinux(host, root);
}

async function copyLinux(host: DoctorHost, root: string): Promise<void> {
  const found = programs.map((name) => pathOf(host, name));
  const libraries = new Set<string>();
  for (const program of found) {
    const text = printed(await host.run("ldd", [program])) ?? "";
    for (const [, path] of text.matchAll(/(\/\S+) \(0x/g)) if (path !== undefined) libraries.add(path);
  }
  for (const program of found) copy(program, join(root, "bin", basename(program)));
  for (const library of libraries) copy(library, join(root, library));
}

/** A jail's programs are loaded by its own dyld from its own cache, which is all there is of the system's libraries. */
async function copyDarwin(host: DoctorHost, root: string): Promise<void> {
  const folder = libraryCaches.find((path) => host.isThere(path));
  if (folder === undefined) throw new Error(`no library cache in ${libraryCaches.join(" or ")}`);
  const kind = host.architecture === "arm64" ? /^dyld_shared_cache_arm64e/ : /^dyld_shared_cache_x86_64/;
  const caches = readdirSync(folder).filter((name) => kind.test(name));
  const bytes = caches.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const { bavail, bsize } = statfsSync(root);
  if (bytes * 1.1 > bavail * bsize) throw new Error(`${Math.ceil(bytes / 1e9)} GB are needed in ${root}`);
  const own = [...darwinPrograms, "/bin/bash", "/usr/lib/dyld"];
  const files = [...programs.map((name) => pathOf(host, name)), ...own];
  const places = caches.map((name) => [join(folder, name), join("/System/Library/dyld", name)] as const);
  for (const [from, to] of [...files.map((file) => [file, file] as const), ...places]) {
    await clone(host, from, join(root, to));
  }
  mkdirSync(join(root, "private/var/select"), { recursive: true });
  symlinkSync("/bin/bash", join(root, "private/var/select/sh"));
  // Each program looks for this when it starts in a jail.
  mkdirSync(join(root, "AppleInternal/XBS/.isChrooted"), { recursive: true });
}

/** On one volume a clone costs nothing; cp gives up between volumes, where Node's copy does not. */
async function clone(host: DoctorHost, from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true });
  const result = await host.run("/bin/cp", ["-c", from, to], 600_000);
  if (result.kind !== "ended" || result.status !== 0) copyFileSync(from, to);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function pathOf(host: DoctorHost, name: string): string {
  const path = ["/bin", "/usr/bin"].map((folder) => join(folder, name)).find(host.isThere);
  if (path === undefined) throw new Error(`${name}: not in /bin or /usr/bin`);
  return path;
}

/** Names, kinds and where links lead of all there is in a folder: what a jail must leave as it was. */
export function listing(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      const status = lstatSync(join(folder, path));
      if (status.isDirectory()) return [`${path}/`, ...listing(folder, path)];
      return [
        status.isSymbolicLink() ? `${path} -> ${readlinkSync(join(folder, path))}` : `${path} ${status.size}`,
      ];
    });
}
