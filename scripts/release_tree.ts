import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { compileExecutable, programLinks } from "./build_executable.ts";
import { crossBuildLauncher } from "./build_launcher.ts";
import type { ProgramHelp } from "./release_help.ts";
import { assertProgram, type ProgramKind } from "./release_program.ts";
import { bashCompletion, fishCompletion, manPage, zshCompletion } from "./release_texts.ts";
import { signProgram } from "./sign_program.ts";

export const releaseKinds: readonly ProgramKind[] = [
  "darwin-arm64",
  "darwin-x64",
  "linux-x64",
  "linux-arm64",
];

/** What is the same in every release. */
export interface ReleaseContext {
  readonly project: string;
  readonly version: string;
  /** Of the commit, as in 2026-11-22. */
  readonly date: string;
  readonly notices: string;
}

/** Makes the two programs of a release: `bin/rund` and `libexec/rund-jail`, with their other names. */
export async function makePrograms(folder: string, kind: ProgramKind): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["bin", "libexec"]) mkdirSync(join(folder, name), { recursive: true });
  await compileExecutable(join(folder, "bin/rund"), `bun-${kind}`);
  cpSync(crossBuildLauncher(kind), join(folder, "libexec/rund-jail"));
  for (const [name, target] of Object.entries(programLinks)) symlinkSync(target, join(folder, "bin", name));
  for (const name of ["bin/rund", "libexec/rund-jail"]) chmodSync(join(folder, name), 0o755);
  // What Bun makes for Intel's Macs still has the signature of Bun itself.
  if (kind.startsWith("darwin")) rewrite(join(folder, "bin/rund"), (program) => signProgram(program, "rund"));
}

function rewrite(file: string, change: (content: Buffer) => Buffer): void {
  writeFileSync(file, change(readFileSync(file)));
}

/** Adds what is no program: manual, completions, licences, documents. */
export function addTexts(
  folder: string,
  help: ProgramHelp,
  { project, version, date, notices }: ReleaseContext,
): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("share/man/man1/rund.1", manPage(help, version, date));
  write("share/man/man8/containerd-shim-rund-v1.8", read(project, "packaging/man/containerd-shim-rund-v1.8"));
  write("share/bash-completion/completions/rund", bashCompletion(help));
  write("share/zsh/site-functions/_rund", zshCompletion(help));
  write("share/fish/vendor_completions.d/rund.fish", fishCompletion(help));
  for (const name of ["LICENSE", "README.md"]) write(`share/doc/rund/${name}`, read(project, name));
  write("share/doc/rund/NOTICES", notices);
  cpSync(join(project, "docs"), join(folder, "share/doc/rund/docs"), { recursive: true });
}

/** The snapshotter's service, to be put where the system looks for it: docs/install-on-a-mac.md, docs/snapshots.md. */
export function addService(folder: string, kind: ProgramKind, project: string): void {
  const file = kind.startsWith("darwin")
    ? "launchd/rund.snapshotter.plist"
    : "systemd/rund-snapshotter.service";
  cpSync(join(project, "packaging", file), join(folder, "share/rund", basename(file)));
}

function read(project: string, name: string): string {
  return readFileSync(join(project, name), "utf8");
}

const [most, mostOfLauncher] = [140_000_000, 2_000_000];

/** Throws unless both programs are for that machine, of a sane size, and free of paths of the machine that made them. */
export function assertPrograms(folder: string, kind: ProgramKind, project: string): void {
  for (const [name, limit] of [
    ["bin/rund", most],
    ["libexec/rund-jail", mostOfLauncher],
  ] as const) {
    const program = readFileSync(join(folder, name));
    try {
      assertProgram(program, kind);
      if (program.length > limit) throw new Error(`has ${program.length} bytes, more than ${limit}`);
      const path = [project, dirname(realpathSync(join(project, "node_modules")))].find((own) =>
        program.includes(`${own}/`),
      );
      if (path !== undefined) throw new Error(`holds the path ${path}`);
    } catch (error) {
      throw new Error(`${kind}: ${name} ${error instanceof Error ? error.message : error}`);
    }
  }
}
