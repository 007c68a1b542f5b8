import { chmod, copyFile, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { inject } from "vitest";

/** What a build is given. */
export interface BuildContext {
  /** The Dockerfile; {@link onBase} makes one that begins with the busybox tree. */
  readonly dockerfile: string;
  /** Files by path; a text ends up with mode 0644. */
  readonly files?: Readonly<Record<string, string>>;
  /** A shell script, run in the finished folder, for links, modes and the like. */
  readonly prepare?: string;
}

/** A Dockerfile whose stage `base` is the busybox tree, and whose last stage goes on from there. */
export function onBase(...lines: readonly string[]): string {
  return ["FROM scratch AS base", "ADD rootfs.tar /", "FROM base", ...lines, ""].join("\n");
}

/** Writes the context into a folder of its own, in `parent`. */
export async function writeContext(context: BuildContext, parent = inject("builds").folder): Promise<string> {
  const target = await mkdtemp(`${parent}/context-`);
  await chmod(target, 0o755);
  await copyFile(inject("builds").rootfsArchive, `${target}/rootfs.tar`);
  const files = { ...context.files, Dockerfile: context.dockerfile };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(`${target}/${path}`), { recursive: true });
    await writeFile(`${target}/${path}`, text);
  }
  if (context.prepare !== undefined) await execa("sh", ["-ec", context.prepare], { cwd: target });
  return target;
}
