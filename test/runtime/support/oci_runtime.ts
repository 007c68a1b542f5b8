import { readFile, writeFile } from "node:fs/promises";
import type { Spec } from "../../../src/oci/spec.ts";
import { BackgroundCommand, type CommandOptions } from "../../harness/background_command.ts";
import { CommandLine } from "../../harness/command_line.ts";

/** What `state` prints. */
export interface RuntimeState {
  readonly ociVersion: string;
  readonly id: string;
  readonly pid: number;
  readonly status: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly owner: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An OCI runtime on the command line, with its containers in a folder of its own. */
export class OciRuntime extends CommandLine {
  readonly name: "rund" | "runc";
  /** Where it keeps the state of its containers. */
  readonly root: string;

  constructor(
    name: "rund" | "runc",
    program: string,
    root: string,
    env: Readonly<Record<string, string>> = {},
  ) {
    super(program, ["--root", root], env);
    this.name = name;
    this.root = root;
  }

  async state(id: string): Promise<RuntimeState> {
    return JSON.parse((await this.ok(["state", id])).stdout) as RuntimeState;
  }

  /** Creates a container, and starts it where that is asked for; its streams are files beside the bundle's config.json. */
  async create(id: string, bundle: Bundle, ...flags: readonly string[]): Promise<void> {
    await this.#inFiles(["create", "--bundle", bundle.path, ...flags, id], bundle);
  }

  async start(id: string, bundle: Bundle, ...flags: readonly string[]): Promise<void> {
    await this.create(id, bundle, ...flags);
    await this.ok(["start", id]);
  }

  /** For clean-up: whatever state it is in. */
  async remove(id: string): Promise<void> {
    await this.run(["delete", "--force", id]);
  }

  /** A process that stays would hold a pipe open, and its command would seem not to end. */
  async #inFiles(args: readonly string[], bundle: Bundle): Promise<void> {
    const { exitCode } = await inFiles(this, args, bundle.path).result;
    if (exitCode !== 0) throw new Error(`${this.name} ${args.join(" ")}: ${await bundle.errors()}`);
  }
}

/** Runs a command with its output and errors in the files `out` and `err` of a folder. */
export function inFiles(
  { program, prefix, env }: CommandLine,
  args: readonly string[],
  folder: string,
  options: CommandOptions = {},
): BackgroundCommand {
  const script = 'folder=$1; shift; exec "$@" <"$folder/in" >"$folder/out" 2>"$folder/err"';
  const command = [program, ...prefix, ...args];
  return new BackgroundCommand("sh", ["-c", script, "sh", folder, ...command], {
    ...options,
    env: { ...env, ...options.env },
  });
}

/** A folder with a config.json, and what its container has said. */
export class Bundle {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  output(): Promise<string> {
    return readFile(`${this.path}/out`, "utf8");
  }

  errors(): Promise<string> {
    return readFile(`${this.path}/err`, "utf8");
  }

  async writeSpec(spec: Spec): Promise<void> {
    await writeFile(`${this.path}/config.json`, JSON.stringify(spec));
    await writeFile(`${this.path}/in`, "");
  }
}
