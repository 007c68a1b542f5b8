import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** Programs of the host that an image of its files has, each with the libraries that it loads. */
const programs = ["/bin/sh", "/bin/ls", "/bin/cat", "/usr/bin/id"];

/** A list of rund image that takes programs and their libraries from the running Linux, and a folder of a test's from `own`. */
export async function linuxList(file: string, own: string): Promise<string> {
  const loaded = await Promise.all(programs.map(librariesOf));
  const libraries = [...new Set(loaded.flat())];
  const lines = [
    "[libraries]",
    // What the loader is asked for may be a link to the library itself.
    ...(await Promise.all(libraries.map(withTargets))).flat(),
    "[programs]",
    ...(await Promise.all(programs.map(withTargets))).flat(),
    "[own]",
    `/srv/own <- ${own}`,
    "[settings]",
    // Not the machine's own, to which other tests may add users.
    `/etc/passwd <- ${own}/passwd`,
    "/srv/link -> own/greeting",
    "+/tmp/ 1777",
    "!/usr/bin/ls",
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execa("ldd", [program]);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}

async function withTargets(path: string): Promise<string[]> {
  const { stdout } = await execa("readlink", ["--canonicalize", path]);
  return [path, stdout];
}

/** A folder with the shape of a Mac, as far as the built-in list asks for it. */
export async function macShape(folder: string): Promise<string> {
  const files = {
    "System/Volumes/Preboot/Cryptexes/OS/System/Library/dyld/dyld_shared_cache_arm64e": "cache",
    "System/Library/Frameworks/A.framework/A": "",
    "System/Library/CoreServices/SystemVersion.plist":
      "<dict><key>ProductVersion</key><string>15.5</string></dict>",
    "bin/sh": "sh",
    "sbin/mount": "",
    "usr/bin/true": "",
    "usr/lib/dyld": "dyld",
    "usr/libexec/x": "",
    "usr/sbin/x": "",
    "usr/share/x": "",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
    await chmod(join(folder, path), 0o755);
  }
  return folder;
}
