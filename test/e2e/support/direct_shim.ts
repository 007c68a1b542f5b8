import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { onTestFinished } from "vitest";
import { socketPath } from "../../../src/shim/socket_address.ts";
import { TtrpcClient } from "../../../src/ttrpc/client.ts";
import type { CommandOptions } from "../../harness/background_command.ts";
import { CommandLine } from "../../harness/command_line.ts";
import type { CommandResult } from "../../harness/command_result.ts";
import { shimFolder } from "../../harness/project_paths.ts";
import { testFolder } from "../../harness/shared.ts";
import { uniqueId } from "../../harness/unique_id.ts";
import { isAlive, shimPids } from "./host_processes.ts";
import { ShimTask } from "./shim_task.ts";

const namespace = "direct";

/** "open" is a pipe into which nobody writes and which nobody closes. */
export type ShimStdin = "pipe" | "file" | "null" | "closed" | "open";

const redirections: Readonly<Record<ShimStdin, string>> = {
  pipe: 'cat ../input | "$@"',
  file: 'exec "$@" <../input',
  null: 'exec "$@" </dev/null',
  closed: 'exec "$@" <&-',
  open: 'mkfifo ../fifo; exec 9<>../fifo "$@" <../fifo',
};

export interface DirectShimOptions {
  readonly id?: string;
  /** Goes into the bundle's config.json, as JSON unless it is a text. */
  readonly spec?: unknown;
  /** Where the bundle is made; one of the test's own by default. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The shim's program without containerd around it, on a bundle of the test's own. */
export class DirectShim {
  readonly id: string;
  readonly bundle: string;
  /** Made-up address of a containerd, which decides the socket's name; nobody listens there. */
  readonly address: string;
  readonly namespace = namespace;
  readonly #program: CommandLine;

  private constructor(id: string, folder: string, env: Readonly<Record<string, string>> = {}) {
    this.#program = new CommandLine(`${shimFolder()}/containerd-shim-rund-v1`, [], env);
    this.id = id;
    this.bundle = `${folder}/${id}`;
    this.address = `${folder}/containerd.sock`;
    onTestFinished(() => this.remove());
  }

  /** Makes a bundle; nothing runs yet. */
  static async bundle(options: DirectShimOptions = {}): Promise<DirectShim> {
    const shim = new DirectShim(
      options.id ?? uniqueId("direct"),
      options.folder ?? (await testFolder()),
      options.env,
    );
    await mkdir(`${shim.bundle}/rootfs`, { recursive: true });
    if (options.spec !== undefined) await shim.writeSpec(options.spec);
    return shim;
  }

  /** Makes a bundle, starts the shim and connects to it. */
  static async start(options: DirectShimOptions = {}): Promise<{ shim: DirectShim; task: ShimTask }> {
    const shim = await DirectShim.bundle(options);
    const { exitCode, stdout, stderr } = await shim.run("start");
    if (exitCode !== 0) throw new Error(`start: exit code ${exitCode}: ${stdout}${stderr}`);
    const task = await shim.connect();
    // The daemon still boots when `start` has answered; from its first word on it is all there.
    await task.connect();
    return { shim, task };
  }

  async writeSpec(spec: unknown): Promise<void> {
    await writeFile(`${this.bundle}/config.json`, typeof spec === "string" ? spec : JSON.stringify(spec));
  }

  get socket(): string {
    return socketPath(this.address, namespace, this.id);
  }

  /** The flags that containerd gives; later ones win. */
  run(
    action: "start" | "delete",
    flags: readonly string[] = [],
    options: CommandOptions = {},
  ): Promise<CommandResult> {
    const args = [...this.#flags, "-bundle", this.bundle, ...flags, action];
    return this.#program.run(args, { cwd: this.bundle, timeout: 20_000, ...options });
  }

  /** Runs `start` as containerd of any version does, without `-bundle`, with `input` on a stdin of the given kind. */
  async startOn(stdin: ShimStdin, input: Uint8Array = new Uint8Array()): Promise<CommandResult> {
    await writeFile(`${this.bundle}/../input`, input);
    const shell = new CommandLine("/bin/sh", ["-c", redirections[stdin], "sh", this.#program.program]);
    return shell.run([...this.#flags, "start"], { cwd: this.bundle, timeout: 20_000 });
  }

  get #flags(): string[] {
    return ["-namespace", namespace, "-address", this.address, "-id", this.id];
  }

  async connect(socket: string = this.socket): Promise<ShimTask> {
    const client = await TtrpcClient.connect(socket, { timeoutMs: 5000 });
    onTestFinished(() => client.close());
    return new ShimTask(client, this.id, this.bundle);
  }

  /** For clean-up: ends the daemon and runs `delete`, as containerd does after a crash. */
  async remove(): Promise<void> {
    for (const pid of shimPids(this.id)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    if (existsSync(this.bundle)) await this.run("delete").catch(() => undefined);
  }
}
