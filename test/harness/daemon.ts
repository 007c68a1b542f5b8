import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How a daemon is run. */
export interface DaemonCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** A network namespace for it, as a file such as /proc/PID/ns/net; without one the host's. */
  readonly network?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where it answers when it is ready: a unix socket, or a port of this host. */
  readonly socket: string | { readonly host: string; readonly port: number };
  /** Takes both output streams, appended over restarts. */
  readonly logFile: string;
}

/** A background program of the harness: started, awaited on its socket, stopped, its log kept. */
export class Daemon {
  readonly command: DaemonCommand;
  #child: ChildProcess | undefined;

  constructor(command: DaemonCommand) {
    this.command = command;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.command.program}: not running`);
    return pid;
  }

  /** Resolves when the socket answers; rejects, with the log, when the daemon ends or 60 s pass before. */
  async start(): Promise<void> {
    const { network, env, logFile } = this.command;
    const inside = network === undefined ? [] : ["nsenter", `--net=${network}`];
    const [program = "", ...args] = [...inside, this.command.program, ...this.command.args];
    const log = openSync(logFile, "a");
    // A session of its own: ^C is for the tests, which stop the daemon in order.
    const child = spawn(program, args, { stdio: ["ignore", log, log], env, detached: true });
    closeSync(log);
    await once(child, "spawn");
    this.#child = child;
    const deadline = Date.now() + 60_000;
    while (!(await this.answers())) {
      if (child.exitCode !== null || child.signalCode !== null) throw this.#failure("ended at once");
      if (Date.now() > deadline) throw this.#failure("its socket does not answer");
      await delay(20);
    }
  }

  /** Whether the socket can be connected to now. */
  answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const address = this.command.socket;
      const socket = connect(typeof address === "string" ? { path: address } : address);
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  }

  /** Asks the daemon to end (SIGTERM), forces it after 20 s. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Ends the daemon without notice, as a crash would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** What the daemon has logged from the given byte on; {@link logSize} gives a mark to start at. */
  log(from = 0): string {
    try {
      return readFileSync(this.command.logFile).subarray(from).toString("utf8");
    } catch {
      return "";
    }
  }

  logSize(): number {
    return statSync(this.command.logFile, { throwIfNoEntry: false })?.size ?? 0;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    child.kill(signal);
    await ended;
    clearTimeout(timer);
  }

  #failure(reason: string): Error {
    return new Error(`${this.command.program}: ${reason}\n${this.log().slice(-8000)}`);
  }
}
