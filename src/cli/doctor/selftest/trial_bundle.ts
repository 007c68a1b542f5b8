import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mount, Spec } from "../../../oci/spec.ts";
import { newSpec } from "../../new_spec.ts";
import type { CommandResult, DoctorHost } from "../finding.ts";
import { ownProgram } from "../own_program.ts";

export interface TrialProcess {
  readonly script: string;
  readonly mounts?: readonly Mount[];
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
  readonly isReadonly?: boolean;
  readonly terminal?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Makes bundles on one root folder and has `rund` itself run them: this program, in processes of their own. */
export class TrialBundles {
  readonly #host: DoctorHost;
  readonly #folder: string;
  readonly #root: string;
  #count = 0;

  constructor(host: DoctorHost, folder: string, root: string) {
    this.#host = host;
    this.#folder = folder;
    this.#root = root;
  }

  /** A new bundle's folder. */
  write({
    script,
    mounts = [],
    uid = 0,
    gid = 0,
    groups = [],
    isReadonly = false,
    terminal = false,
    annotations = {},
  }: TrialProcess): string {
    const bundle = join(this.#folder, `bundle-${this.#count++}`);
    const usual = newSpec(this.#host.platform);
    const spec: Spec = {
      ...usual,
      process: {
        args: ["sh", "-c", script],
        env: ["PATH=/usr/bin:/bin", "HOME=/"],
        cwd: "/",
        terminal,
        user: { uid, gid, additionalGids: [...groups] },
      },
      root: { path: this.#root, readonly: isReadonly },
      mounts: [...(usual.mounts ?? []), ...mounts],
      annotations,
    };
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, "config.json"), JSON.stringify(spec));
    return bundle;
  }

  /** `rund ARGS`, with containers of the selftest's own. */
  rund(...args: readonly string[]): Promise<CommandResult> {
    const [program, ...own] = this.command(...args);
    return this.#host.run(program ?? "", own, 60_000);
  }

  /** The same for a command that leaves a container behind, which keeps the command's output open: a file gets it. */
  rundDetached(...args: readonly string[]): Promise<CommandResult> {
    const script = 'exec "$@" >"$0" 2>&1 </dev/null';
    return this.#host.run(
      "sh",
      ["-c", script, join(this.#folder, "detached.log"), ...this.command(...args)],
      60_000,
    );
  }

  command(...args: readonly string[]): string[] {
    return [...ownProgram(), "--root", join(this.#folder, "containers"), ...args];
  }

  /** Runs a process to its end, in a container of its own. */
  run(process: TrialProcess): Promise<CommandResult> {
    return this.rund("run", "--bundle", this.write(process), `selftest-${this.#count}`);
  }
}

/** What a program printed and exited with, in a form that can be compared and read. */
export function outcome(result: CommandResult): string {
  if (result.kind !== "ended") return result.kind;
  return `exit ${result.status}, ${JSON.stringify(result.stdout)}${result.stderr ? `, ${JSON.stringify(result.stderr)}` : ""}`;
}
