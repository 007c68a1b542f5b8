import { Code, RundError } from "../common/error.ts";
import { Lock } from "../common/lock.ts";
import type { Logger } from "../common/log.ts";
import type { StdioUris } from "../io/stdio.ts";
import type { ProcessExit } from "../jail/jailed_process.ts";
import { killJail, listJailProcesses } from "../jail/process_table.ts";
import type { MountRecord } from "../mount/types.ts";
import { undoMounts } from "../mount/undo_mounts.ts";
import type { Bundle } from "../oci/bundle.ts";
import type { Mount, Process } from "../oci/spec.ts";
import { ContainerProcess } from "./container_process.ts";
import { emptyJail } from "./empty_jail.ts";
import type { EventSink } from "./events.ts";
import { launchOptions } from "./launch_options.ts";
import { canDelete, canExec, canSignal } from "./state.ts";
import { removeState, saveState } from "./state_file.ts";

/** What an edge lends a container. */
export interface ContainerContext {
  readonly emit: EventSink;
  readonly logger: Logger;
}

/** One container: a mounted jail, its init and its execs. Made by `createContainer`. */
export class Container {
  readonly id: string;
  readonly bundle: Bundle;
  readonly init: ContainerProcess;
  readonly #mounts: MountRecord;
  readonly #context: ContainerContext;
  readonly #execs = new Map<string, ContainerProcess>();
  /** Ends of launched execs that have not been published yet. */
  readonly #execEnds = new Set<Promise<void>>();
  readonly #lock = new Lock();
  #takingBack: Promise<void> | undefined;
  /** From the end of the init on no exec may start: the jail is being swept. */
  #closing = false;

  constructor(bundle: Bundle, init: ContainerProcess, mounts: MountRecord, context: ContainerContext) {
    this.id = init.id;
    this.bundle = bundle;
    this.init = init;
    this.#mounts = mounts;
    this.#context = context;
  }

  /** Brings the init to the launcher's gate: the container is created. `rootfs` is only told to clients. */
  async launchInit(rootfs: readonly Mount[]): Promise<void> {
    await this.init.launch();
    this.#save();
    const { pid, uris } = this.init;
    this.#context.emit({
      kind: "created",
      containerId: this.id,
      pid,
      bundle: this.bundle.path,
      rootfs,
      uris,
    });
    void this.#handleInitExit();
  }

  /**
   * The init, for "", or an exec.
   * @throws RundError notFound
   */
  process(execId: string): ContainerProcess {
    if (execId === "") return this.init;
    const exec = this.#execs.get(execId);
    if (exec === undefined) throw new RundError(Code.notFound, `exec ${execId}: not found`);
    return exec;
  }

  /** Starts the init, for "", or an exec, and answers its pid. */
  start(execId: string): Promise<number> {
    return this.#lock.run(async () => {
      const process = this.process(execId);
      if (execId === "") await this.#startInit();
      else await this.#startExec(process);
      return process.pid;
    });
  }

  /**
   * Adds an exec; it is launched by `start`.
   * @throws RundError failedPrecondition unless the init runs, alreadyExists for an id that is taken
   */
  exec(execId: string, document: Process, uris: StdioUris): void {
    this.#assertExec(execId);
    if (this.#execs.has(execId) || execId === this.id) {
      throw new RundError(Code.alreadyExists, `exec ${execId}: already exists`);
    }
    // runc makes a missing working directory only for the init: an exec must not change the container's files.
    const options = { ...launchOptions(this.#mounts.root, document), requireCwd: true };
    const exec = new ContainerProcess(execId, uris, options);
    this.#execs.set(execId, exec);
    // The client takes a while until it asks for the start, which then has less to do and tells what went wrong here.
    exec.open().catch(() => {});
    this.#context.emit({ kind: "exec-added", containerId: this.id, execId });
  }

  /** Signals one process, or every process of the jail. */
  async kill(execId: string, signal: number, all: boolean): Promise<void> {
    const process = this.process(execId);
    process.kill(signal);
    if (all) await killJail(this.#mounts.root, { signal, except: process.pid });
  }

  /**
   * Process ids of the jail. Never empty while the container is there: containerd 1.7 to 2.3 destroys a task
   * whose shim answers with none when it loads the task after a restart.
   */
  async pids(): Promise<readonly { pid: number; execId?: string }[]> {
    const execs = new Map([...this.#execs.values()].map((exec) => [exec.pid, exec.id]));
    const found = await this.#jailPids();
    const pids = new Set([this.init.pid, ...found]);
    return [...pids].map((pid) => {
      const execId = execs.get(pid);
      return execId === undefined ? { pid } : { pid, execId };
    });
  }

  /**
   * Takes back all that was done for the container, or lets go of an exec.
   * @throws RundError failedPrecondition while the process runs
   */
  async delete(execId: string): Promise<ContainerProcess> {
    const process = this.process(execId);
    // Outside of the lock, which the exit's handler needs.
    if (execId === "") await this.#endUnlessStarted();
    return this.#lock.run(async () => {
      if (process.state === "deleted") throw new RundError(Code.notFound, `delete ${process.id}: not found`);
      if (!canDelete(process.state)) {
        throw new RundError(
          Code.failedPrecondition,
          `delete ${process.id}: process is still ${process.state}`,
        );
      }
      if (execId === "") await this.#deleteInit();
      else this.#execs.delete(execId);
      if (process.state === "created") void process.discard();
      process.delete();
      return process;
    });
  }

  /** Ends whatever runs and takes everything back. */
  async destroy(): Promise<void> {
    if (canSignal(this.init.state)) {
      this.init.kill(9);
      await this.init.wait();
    }
    if (canDelete(this.init.state)) await this.delete("");
  }

  async #startInit(): Promise<void> {
    await this.init.start();
    this.#context.emit({ kind: "started", containerId: this.id, pid: this.init.pid });
  }

  async #startExec(exec: ContainerProcess): Promise<void> {
    this.#assertExec(exec.id);
    // Before anything is touched: what a failed launch lets go of would be the running process's own.
    exec.assertStartable();
    await exec.open();
    try {
      await exec.launchAndStart();
    } catch (error) {
      await exec.discard();
      throw error;
    }
    this.#follow(exec);
    this.#context.emit({ kind: "exec-started", containerId: this.id, execId: exec.id, pid: exec.pid });
  }

  #assertExec(execId: string): void {
    if (canExec(this.init.state) && !this.#closing) return;
    const state = this.#closing ? "stopped" : this.init.state;
    throw new RundError(
      Code.failedPrecondition,
      `exec ${execId}: container ${this.id} is ${state}, not running`,
    );
  }

  #follow(exec: ContainerProcess): void {
    const end = exec.ended.then(async (exit) => {
      await exec.startSettled;
      this.#publishExit(exec, exit);
    });
    this.#execEnds.add(end);
    void end.finally(() => this.#execEnds.delete(end));
  }

  /**
   * The init's exit is the last one to be published. So nothing new may start, a launch under way is waited
   * for, then the jail is emptied, and every exec has its turn before the init.
   */
  async #handleInitExit(): Promise<void> {
    const exit = await this.init.ended;
    this.#closing = true;
    await this.#lock.run(() => this.init.startSettled);
    for (const exec of this.#execs.values()) if (exec.state === "created") void exec.discard();
    await emptyJail(this.#mounts.root, this.#context.logger, this.init.outputKeepers);
    await Promise.all(this.#execEnds);
    this.#publishExit(this.init, exit);
    this.#save();
    this.#takeBack().catch((error) => {
      this.#context.logger.warn("jail: mounts are left for now", { error: String(error) });
    });
  }

  /** Wait is answered in the same turn in which the event is queued, so no client sees one without the other. */
  #publishExit(process: ContainerProcess, exit: ProcessExit): void {
    process.setExited(exit);
    this.#context.emit({
      kind: "exited",
      containerId: this.id,
      processId: process.id,
      pid: process.pid,
      ...exit,
    });
  }

  async #endUnlessStarted(): Promise<void> {
    if (this.init.state !== "created") return;
    this.init.kill(9);
    await this.init.wait();
  }

  /**
   * Takes back what was done to the host for the jail. It begins as soon as the jail is empty, because Delete, which
   * needs it, comes right after the exit; when it fails, Delete tries again.
   */
  #takeBack(): Promise<void> {
    this.#takingBack ??= undoMounts(this.#mounts, this.#context.logger).catch((error) => {
      this.#takingBack = undefined;
      throw error;
    });
    return this.#takingBack;
  }

  async #deleteInit(): Promise<void> {
    await this.#takeBack();
    removeState(this.bundle.path);
    const exit = this.init.exit ?? { status: 137, exitedAt: new Date() };
    this.#context.emit({ kind: "deleted", containerId: this.id, pid: this.init.pid, ...exit });
  }

  async #jailPids(): Promise<readonly number[]> {
    try {
      return (await listJailProcesses(this.#mounts.root)).map((process) => process.pid);
    } catch (error) {
      this.#context.logger.warn("pids: the jail's process table cannot be read", { error: String(error) });
      return [];
    }
  }

  #save(): void {
    const exit = this.init.exit;
    saveState(this.bundle.path, {
      containerId: this.id,
      pid: this.init.pid,
      mounts: this.#mounts,
      ...(exit && { exit: { status: exit.status, exitedAt: exit.exitedAt.toISOString() } }),
    });
  }
}
