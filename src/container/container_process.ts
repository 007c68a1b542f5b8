import { Awaited } from "../common/awaited.ts";
import { Code, RundError } from "../common/error.ts";
import { type OwnDescriptors, Stdio, type StdioUris } from "../io/stdio.ts";
import type { StdioOwner } from "../io/stdio_owner.ts";
import type {
  JailedProcess,
  JailProcessOptions,
  ProcessExit,
  ProcessTies,
  TerminalSize,
} from "../jail/jailed_process.ts";
import { runWaitingLauncher, type WaitingLauncher } from "../jail/launch_process.ts";
import { canPause, canResume, canSignal, canStart, type ProcessState, transition } from "./state.ts";

/** What is launched: everything but the stdio, which the process opens itself, and what ties it to its caller. */
export type LaunchOptions = Omit<JailProcessOptions, "stdio" | "terminal" | keyof ProcessTies>;

/** How a process hangs on this one, in place of what its stdio's URIs say. */
export interface LocalConnection {
  readonly descriptors: OwnDescriptors;
  readonly ties: ProcessTies;
}

const ignore = () => {};

/** One process of a container, its init or an exec: its state, its stdio and its end. */
export class ContainerProcess {
  /** The container's id for its init, the exec's id for an exec. */
  readonly id: string;
  readonly uris: StdioUris;
  readonly #options: LaunchOptions;
  readonly #owner: Omit<StdioOwner, "id">;
  readonly #local: LocalConnection | undefined;
  #released: Promise<void> = Promise.resolve();
  #state: ProcessState = "created";
  #opening: Promise<void> | undefined;
  #launcher: WaitingLauncher | undefined;
  #jailed: JailedProcess | undefined;
  #stdio: Stdio | undefined;
  #size: TerminalSize | undefined;
  #exit: ProcessExit | undefined;
  #starting: Promise<void> = Promise.resolve();
  readonly #exited = new Awaited<ProcessExit>();

  constructor(
    id: string,
    uris: StdioUris,
    options: LaunchOptions,
    owner: Omit<StdioOwner, "id">,
    local?: LocalConnection,
  ) {
    this.#local = local;
    this.id = id;
    this.uris = uris;
    this.#options = options;
    this.#owner = owner;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** 0 until it is launched. */
  get pid(): number {
    return this.#jailed?.pid ?? 0;
  }

  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /**
   * Opens the stdio and runs a launcher for it, once, however often it is called. What follows is `launch`, or
   * `discard`.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    const stdio = await this.#openStdio();
    let launcher: WaitingLauncher | undefined;
    try {
      launcher = await runWaitingLauncher(stdio.descriptors);
      stdio.handOver();
      // The launcher gets up meanwhile.
      await stdio.awaitClients(this.#owner.signal);
    } catch (error) {
      await launcher?.cancel();
      await stdio.close();
      throw error;
    }
    this.#launcher = launcher;
    this.#stdio = stdio;
  }

  #openStdio(): Promise<Stdio> {
    if (this.#local !== undefined) return Promise.resolve(Stdio.lend(this.uris, this.#local.descriptors));
    return Stdio.open(this.uris, { ...this.#owner, id: this.id });
  }

  /** Takes a process over that another one of rund's has launched, in the state that it was found in. */
  adopt(jailed: JailedProcess, state: ProcessState): void {
    this.#jailed = jailed;
    this.#state = state;
  }

  /** Leaves a launched process to whoever adopts it: it does not end with this one. */
  leave(): Promise<void> {
    return this.#launched("leave").leave();
  }

  /** Brings the opened process to the launcher's gate. */
  async launch(): Promise<void> {
    this.#jailed = await this.#launcher?.launch(this.#launchOptions());
  }

  /**
   * Brings the opened process to the launcher's gate and opens it at once. When the program is not even there the
   * process stays as created as it was.
   */
  async launchAndStart(): Promise<void> {
    const running = this.#launcher?.launchAndStart(this.#launchOptions());
    this.#starting = Promise.resolve(running).then(ignore, ignore);
    this.#jailed = await running;
    this.#state = transition(this.#state, "running");
  }

  /** Lets go of a process that was opened but not launched. */
  async discard(): Promise<void> {
    await this.#opening?.catch(ignore);
    await this.#launcher?.cancel();
    await this.#stdio?.close();
  }

  #launchOptions(): Omit<JailProcessOptions, "stdio"> {
    const size = this.#size ?? this.#options.terminalSize;
    const { terminal } = this.uris;
    const input = this.#stdio?.input;
    return {
      ...this.#options,
      ...(size && { terminalSize: size }),
      ...(input && { input }),
      terminal,
      ...this.#local?.ties,
    };
  }

  /**
   * The end of the launched process as the operating system tells it. Nobody sees it yet: whoever launched the
   * process decides when its turn has come, and calls `setExited`.
   */
  get ended(): Promise<ProcessExit> {
    return this.#jailed?.exited ?? this.#exited.wait();
  }

  /**
   * Opens the gate.
   * @throws RundError failedPrecondition when the process was started before; what exec answered
   */
  async start(): Promise<void> {
    this.assertStartable();
    this.#state = transition(this.#state, "running");
    const starting = this.#launched("start").start();
    this.#starting = starting.catch(() => undefined);
    await starting;
  }

  /** @throws RundError failedPrecondition when the process was started before */
  assertStartable(): void {
    if (canStart(this.#state)) return;
    throw new RundError(Code.failedPrecondition, `start ${this.id}: process is already ${this.#state}`);
  }

  /** Takes notice that the jail stands still. One that does not run is left as it is. */
  pause(): void {
    if (canPause(this.#state)) this.#state = transition(this.#state, "paused");
  }

  /** Takes notice that the jail goes on. */
  resume(): void {
    if (canResume(this.#state)) this.#state = transition(this.#state, "running");
  }

  /** How it is launched. */
  get options(): LaunchOptions {
    return this.#options;
  }

  /** Settles when a start that is under way has been answered: its event must come before the exit's. */
  get startSettled(): Promise<void> {
    return this.#starting;
  }

  /** Makes the end visible: Wait answers, State says stopped. */
  setExited(exit: ProcessExit): void {
    this.#state = transition(this.#state, "stopped");
    this.#exit = exit;
    this.#exited.resolve(exit);
  }

  /**
   * The end of the process; may be awaited before it is started, and many times. Rejects with the signal's reason when
   * the caller stops waiting before.
   */
  wait(signal?: AbortSignal): Promise<ProcessExit> {
    return this.#exited.wait(signal);
  }

  /**
   * Sends a signal; 0 only asks whether there is somebody to get one.
   * @throws RundError notFound after its end: clients' kill tolerates just this code. failedPrecondition for an exec
   * that was not started
   */
  kill(signal: number): void {
    const sent = canSignal(this.#state) && this.#launched("kill").signal(signal);
    if (!sent) throw new RundError(Code.notFound, `kill ${this.id}: process already finished: not found`);
  }

  /** Ends it at once, unless it has ended by itself. */
  killIfAlive(): void {
    if (canSignal(this.#state)) this.#jailed?.signal(9);
  }

  /** Sets the terminal's size, or takes over the foreground's, at once or, before the launch, for later. */
  resize(size?: TerminalSize): void {
    this.#size = size;
    this.#jailed?.resize(size);
  }

  closeStdin(): void {
    this.#stdio?.closeStdin();
  }

  /** Reading ends of the outputs that it has written to. */
  get writtenOutputs(): readonly number[] {
    return this.#stdio?.writtenOutputs ?? [];
  }

  /** Ends the life of a stopped or never launched process and lets go of its stdio, and of those who wait for it. */
  delete(): void {
    this.#state = transition(this.#state, "deleted");
    this.#released = this.#stdio?.close() ?? this.#released;
    this.#exited.resolve(this.#exit ?? { status: 0, exitedAt: new Date() });
  }

  /** Settles when nothing of a deleted process's stdio is left: a logging program is given time to end. */
  get released(): Promise<void> {
    return this.#released;
  }

  #launched(call: string): JailedProcess {
    if (this.#jailed !== undefined) return this.#jailed;
    throw new RundError(Code.failedPrecondition, `${call} ${this.id}: process is not started`);
  }
}
