import { Code, RundError } from "../common/error.ts";
import { Lock } from "../common/lock.ts";
import type { StdioUris } from "../io/stdio.ts";
import { findJailUser, type JailUser } from "../jail/jail_user.ts";
import type { ProcessExit } from "../jail/jailed_process.ts";
import type { ProcessSet } from "../jail/process_set.ts";
import { killJail } from "../jail/process_table.ts";
import type { Bundle } from "../oci/bundle.ts";
import type { Mount, Process } from "../oci/spec.ts";
import type { ContainerContext } from "./container_context.ts";
import type { ContainerProcess, LocalConnection } from "./container_process.ts";
import { emptyJail } from "./empty_jail.ts";
import { Execs } from "./execs.ts";
import { Freezer } from "./freezer.ts";
import { Hooks } from "./hooks.ts";
import { type Jail, type JailRecord, processesOf } from "./jail.ts";
import { jailPids, type Pid, withExecIds } from "./pids.ts";
import { Signals } from "./signals.ts";
import { canDelete, canExec, canPause, canResume, canSignal, canUpdate, type ProcessState } from "./state.ts";
import type { SavedState } from "./state_file.ts";
import { StateKeeper } from "./state_keeper.ts";
import { sweepJail } from "./sweep_jail.ts";
import { type Usage, UsageMeter } from "./usage.ts";
import { WayBack } from "./way_back.ts";

/** One container: a mounted jail, its init and its execs. Made by `createContainer`, or found by `adoptContainer`. */
export class Container {
  readonly id: string;
  readonly bundle: Bundle;
  readonly init: ContainerProcess;
  readonly created: Date;
  readonly #record: JailRecord;
  readonly #processes: ProcessSet;
  readonly #wayBack: WayBack;
  readonly #context: ContainerContext;
  readonly #hooks: Hooks;
  readonly #execs: Execs;
  readonly #lock = new Lock();
  readonly #signals: Signals;
  readonly #meter: UsageMeter;
  readonly #keeper: StateKeeper;
  /** From the end of the init on no exec may start: the jail is being swept. */
  #closing = false;

  /** `saved` is what another process of rund has left of it. */
  constructor(
    bundle: Bundle,
    init: ContainerProcess,
    jail: Jail,
    context: ContainerContext,
    saved?: SavedState,
  ) {
    this.created = saved?.created === undefined ? new Date() : new Date(saved.created);
    this.id = init.id;
    this.bundle = bundle;
    this.init = init;
    this.#record = jail.record;
    this.#wayBack = new WayBack(jail, context.logger);
    this.#context = context;
    this.#processes = processesOf(jail.record);
    this.#execs = new Execs(jail, bundle, context);
    const freezer = new Freezer(this.#processes, saved?.frozen);
    const keeper = new StateKeeper(
      { bundle, init, record: jail.record, freezer, created: this.created },
      context.logger,
    );
    this.#keeper = keeper;
    const find = (execId: string) => this.process(execId);
    this.#signals = new Signals(this.#processes, freezer, find, () => keeper.save());
    this.#meter = new UsageMeter(this.#processes);
    this.#hooks = new Hooks(bundle, init.id, context.logger);
  }

  /**
   * Brings the init to the launcher's gate and runs the hooks of that moment: the container is created. `rootfs` is
   * only told to clients. After an error `abandon` takes back what was done.
   */
  async launchInit(rootfs: readonly Mount[]): Promise<void> {
    await this.init.launch();
    this.#keeper.save();
    await this.#hooks.create(this.init.pid);
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

  /** Leaves a created container to whoever adopts it: nothing of it ends with this process. */
  leave(): Promise<void> {
    return this.init.leave();
  }

  /** Takes a container back that could not be created: its init has not run, and no client has heard of it. */
  async abandon(): Promise<void> {
    const launched = this.init.pid !== 0;
    if (launched) await this.#endAtGate();
    else await this.init.discard();
    await this.#wayBack.take();
    if (launched) await this.#hooks.poststop();
    this.#keeper.remove();
  }

  async #endAtGate(): Promise<void> {
    this.init.killIfAlive();
    await this.init.ended;
    await emptyJail(this.#processes, this.#context.logger);
    this.init.delete();
    await this.init.released;
  }

  /**
   * The init, for "", or an exec.
   * @throws RundError notFound
   */
  process(execId: string): ContainerProcess {
    if (execId === "") return this.init;
    return this.#execs.get(execId);
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
  exec(execId: string, document: Process, uris: StdioUris, local?: LocalConnection): void {
    this.#assertExec(execId);
    if (this.#execs.has(execId) || execId === this.id) {
      throw new RundError(Code.alreadyExists, `exec ${execId}: already exists`);
    }
    this.#execs.add({ id: execId, document, uris, local });
    this.#context.emit({ kind: "exec-added", containerId: this.id, execId });
  }

  /** Signals one process, or every process of the jail. */
  kill(execId: string, signal: number, all: boolean): Promise<void> {
    return this.#signals.kill(execId, signal, all);
  }

  /** Signals what an ended init has left in the jail. */
  async killRest(signal: number): Promise<void> {
    await killJail(this.#processes, { signal });
  }

  /** Whether the init is among the processes of the jail: what can be known of one that another process has created. */
  async isAlive(): Promise<boolean> {
    return (await this.#jailPids()).includes(this.init.pid);
  }

  /**
   * Stops every process of the jail.
   * @throws RundError failedPrecondition unless the container runs, aborted when it does not come to a halt
   */
  pause(): Promise<void> {
    return this.#lock.run(async () => {
      this.#assertState("pause", canPause);
      await this.#signals.freeze();
      // The init may have ended meanwhile; the sweep that waits for the lock kills what was stopped.
      this.#assertState("pause", canPause);
      for (const process of [this.init, ...this.#execs.all()]) process.pause();
      this.#context.emit({ kind: "paused", containerId: this.id });
    });
  }

  /**
   * Lets the processes go on.
   * @throws RundError failedPrecondition unless the container is paused
   */
  resume(): Promise<void> {
    return this.#lock.run(async () => {
      this.#assertState("resume", canResume);
      await this.#signals.thaw();
      for (const process of [this.init, ...this.#execs.all()]) process.resume();
      this.#context.emit({ kind: "resumed", containerId: this.id });
    });
  }

  /** What the jail uses now, and the processor time of all that ever ran in it. */
  usage(): Promise<Usage> {
    return this.#meter.read(this.#ended);
  }

  /**
   * Who `USER[:GROUP]` is by the files of the container.
   * @throws RundError notFound
   */
  findUser(name: string): Promise<JailUser> {
    return findJailUser(this.#record.root, name);
  }

  /** @throws RundError failedPrecondition when the container has ended, and there is nothing to update */
  assertUpdate(): void {
    this.#assertState("update", canUpdate);
  }

  /**
   * Process ids of the jail. Never empty while the container is there: containerd 1.7 to 2.3 destroys a task
   * whose shim answers with none when it loads the task after a restart.
   */
  async pids(): Promise<readonly Pid[]> {
    const found = this.#ended ? [] : await this.#jailPids();
    return withExecIds(new Set([this.init.pid, ...found]), this.#execs.all());
  }

  /**
   * Takes back all that was done for the container, or lets go of an exec.
   * @throws RundError failedPrecondition while the process runs
   */
  async delete(execId: string): Promise<ContainerProcess> {
    const process = this.process(execId);
    // Outside of the lock, which the exit's handler needs.
    if (execId === "") await this.#endUnlessStarted();
    await this.#lock.run(async () => {
      if (process.state === "deleted") throw new RundError(Code.notFound, `delete ${process.id}: not found`);
      if (!canDelete(process.state)) {
        throw new RundError(
          Code.failedPrecondition,
          `delete ${process.id}: process is still ${process.state}`,
        );
      }
      if (execId === "") await this.#deleteInit();
      else this.#execs.remove(execId);
      if (process.state === "created") void process.discard();
      process.delete();
    });
    await process.released;
    return process;
  }

  /** Ends whatever runs and takes everything back. */
  async destroy(): Promise<void> {
    if (canSignal(this.init.state)) {
      this.init.killIfAlive();
      await this.init.wait();
    }
    if (canDelete(this.init.state)) await this.delete("");
  }

  /** Takes back what was done to the host for a container that has ended, if that has not been done; Delete does it too. */
  takeBack(): Promise<void> {
    return this.#wayBack.take();
  }

  /** The jail is empty then, and with its mounts taken back the root may be another container's. */
  get #ended(): boolean {
    return this.init.state === "stopped" || this.init.state === "deleted";
  }

  async #startInit(): Promise<void> {
    this.init.assertStartable();
    const { pid, options } = this.init;
    await this.#orEnd(this.#hooks.startContainer(pid, options));
    await this.init.start();
    this.#context.emit({ kind: "started", containerId: this.id, pid });
    await this.#orEnd(this.#hooks.poststart(pid));
  }

  /** A hook that fails ends the container, which then only waits for its delete (OCI runtime.md, lifecycle). */
  async #orEnd(hooks: Promise<void>): Promise<void> {
    try {
      await hooks;
    } catch (error) {
      this.init.killIfAlive();
      throw error;
    }
  }

  async #startExec(exec: ContainerProcess): Promise<void> {
    this.#assertExec(exec.id);
    await this.#execs.start(exec);
    this.#execs.follow(exec, (exit) => this.#publishExit(exec, exit));
    this.#context.emit({ kind: "exec-started", containerId: this.id, execId: exec.id, pid: exec.pid });
  }

  #assertExec(execId: string): void {
    this.#assertState(`exec ${execId}`, canExec);
  }

  #assertState(call: string, allowed: (state: ProcessState) => boolean): void {
    const state = this.#closing ? "stopped" : this.init.state;
    if (allowed(state)) return;
    throw new RundError(Code.failedPrecondition, `${call}: container ${this.id} is ${state}`);
  }

  /**
   * The init's exit is the last one to be published. So nothing new may start, a launch under way is waited
   * for, then the jail is emptied, and every exec has its turn before the init.
   */
  async #handleInitExit(): Promise<void> {
    const exit = await this.init.ended;
    this.#closing = true;
    await this.#lock.run(() => this.init.startSettled);
    this.#execs.discardCreated();
    const sweep = sweepJail(
      this.#record,
      this.init.writtenOutputs,
      this.#context.logger,
      this.#wayBack.journal,
    );
    // As soon as the jail is empty, because Delete, which needs it, comes right after the exit.
    this.#wayBack
      .take(() => sweep.undone)
      .catch((error) => {
        this.#context.logger.warn("jail: mounts are left for now", { error: String(error) });
      });
    await sweep.emptied;
    await this.#execs.published();
    this.#publishExit(this.init, exit);
    this.#keeper.trySaveExit();
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

  async #deleteInit(): Promise<void> {
    await this.#wayBack.take();
    // Before the state goes: should the shim be killed meanwhile, `delete` runs them.
    await this.#hooks.poststop();
    this.#keeper.remove();
    const exit = this.init.exit ?? { status: 137, exitedAt: new Date() };
    this.#context.emit({ kind: "deleted", containerId: this.id, pid: this.init.pid, ...exit });
  }

  #jailPids(): Promise<readonly number[]> {
    return jailPids(this.#processes, this.#context.logger);
  }
}
