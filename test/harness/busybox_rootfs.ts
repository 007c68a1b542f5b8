import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { busyboxProgram } from "./tools.ts";

const files: Readonly<Record<string, string>> = {
  "etc/passwd": [
    "root:x:0:0:root:/root:/bin/sh",
    "daemon:x:1:1:daemon:/usr/sbin:/bin/false",
    "alice:x:1000:1000:Alice:/home/alice:/bin/sh",
    "bob:x:1001:100:Bob:/home/bob:/bin/sh",
    "nobody:x:65534:65534:nobody:/:/bin/false",
    "",
  ].join("\n"),
  "etc/group": [
    "root:x:0:",
    "daemon:x:1:",
    "adm:x:4:alice",
    "audio:x:29:alice,bob",
    "users:x:100:",
    "alice:x:1000:",
    "shared:x:2000:alice",
    "nogroup:x:65534:",
    "",
  ].join("\n"),
};

const folders = [
  ..."bin dev etc home/alice home/bob proc root run sys tmp usr/bin usr/sbin usr/local/bin var/run var/tmp".split(
    " ",
  ),
];

/** Makes a small Linux tree at `folder`: busybox with a link for each of its programs, and a few users and groups. */
export async function busyboxRootfs(folder: string): Promise<void> {
  for (const path of folders) await mkdir(`${folder}/${path}`, { recursive: true });
  for (const path of ["tmp", "var/tmp"]) await chmod(`${folder}/${path}`, 0o1777);
  for (const [path, text] of Object.entries(files)) await writeFile(`${folder}/${path}`, text);
  const busybox = await busyboxProgram();
  await copyFile(busybox, `${folder}/bin/busybox`);
  const { stdout } = await execa(busybox, ["--list"]);
  const programs = stdout.split("\n").filter((name) => name !== "busybox");
  await Promise.all(programs.map((name) => symlink("busybox", `${folder}/bin/${name}`)));
}
