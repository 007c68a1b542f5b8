import type { CommandOptions } from "./background_command.ts";
import { CommandLine } from "./command_line.ts";
import type { CommandResult } from "./command_result.ts";
import { imageName } from "./test_image.ts";
import { uniqueId } from "./unique_id.ts";

export const rundRuntime = "io.containerd.rund.v1";
export const runcRuntime = "io.containerd.runc.v2";

export interface CtrRunOptions extends CommandOptions {
  /** More flags of `ctr run`. */
  readonly flags?: readonly string[];
  readonly id?: string;
  readonly image?: string;
  /** A folder to use as root in place of an image. */
  readonly rootfs?: string;
}

/** A line of `ctr task ls`. */
export interface CtrTask {
  readonly id: string;
  readonly pid: number;
  readonly status: string;
}

/** containerd's own client on one daemon, in one namespace, with one runtime. */
export class Ctr extends CommandLine {
  readonly address: string;
  readonly namespace: string;
  readonly runtime: string;

  constructor(program: string, address: string, namespace: string, runtime: string = rundRuntime) {
    // 2.2 and later would say to each call on some machines that containerd will do without cgroup v1.
    const quiet = { CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS: "1" };
    super(program, ["--address", address, "--namespace", namespace], quiet);
    this.address = address;
    this.namespace = namespace;
    this.runtime = runtime;
  }

  withRuntime(runtime: string): Ctr {
    return new Ctr(this.program, this.address, this.namespace, runtime);
  }

  withNamespace(namespace: string): Ctr {
    return new Ctr(this.program, this.address, namespace, this.runtime);
  }

  /** The arguments of `ctr run` for a container with its program's arguments. */
  runArguments(args: readonly string[], options: CtrRunOptions, ...flags: readonly string[]): string[] {
    const root = options.rootfs === undefined ? [options.image ?? imageName] : ["--rootfs", options.rootfs];
    const id = options.id ?? uniqueId();
    return ["run", ...flags, "--runtime", this.runtime, ...(options.flags ?? []), ...root, id, ...args];
  }

  /**
   * Runs a container to its end and removes it: `ctr run --rm`. With another runtime than ours, a program that reads to
   * the end of its input may wait for ever: ctr misses an end that comes before its task is there.
   */
  runContainer(args: readonly string[], options: CtrRunOptions = {}): Promise<CommandResult> {
    return this.run(this.runArguments(args, options, "--rm"), options);
  }

  /** Starts a container in the background, its id is the result. Its output goes nowhere unless flags say so. */
  async startContainer(args: readonly string[], options: CtrRunOptions = {}): Promise<string> {
    const id = options.id ?? uniqueId();
    await this.ok(this.runArguments(args, { ...options, id }, "-d"), options);
    return id;
  }

  /** Removes a container and its task, whatever state they are in; for clean-up, so it never rejects. */
  async remove(id: string): Promise<void> {
    const quietly = (args: readonly string[]): Promise<unknown> =>
      this.run(args, { timeout: 20_000 }).catch(() => undefined);
    await quietly(["task", "rm", "--force", id]);
    await quietly(["container", "rm", id]);
  }

  /** The tasks of the namespace. */
  async tasks(): Promise<CtrTask[]> {
    const { stdout } = await this.ok(["task", "ls"]);
    return stdout
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns.length >= 3)
      .map(([id = "", pid = "", status = ""]) => ({ id, pid: Number(pid), status }));
  }
}
