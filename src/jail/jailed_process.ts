import type { LinuxSettings } from "./linux_settings.ts";

/** One resource limit, in the words of the OCI spec (`RLIMIT_NOFILE`). */
export interface ResourceLimit {
  readonly type: string;
  readonly soft: number;
  readonly hard: number;
}

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** What ties a process to the one who has it made, and to nobody who comes later. */
export interface ProcessTies {
  /** Absolute path of a socket to make, at which the process waits once it is left (`JailedProcess.leave`). */
  readonly gate?: string;
  /** Absolute path of a socket; who listens there gets the terminal's master, and no relay is needed. */
  readonly console?: string;
  /** The streams are the terminal of a person: the relay makes it raw and passes its size on. */
  readonly foreground?: boolean;
  /** How many descriptors the process gets besides its streams, from 3 on: those of `stdio` after the third. */
  readonly kept?: number;
  /** How many of these, the first ones, are sockets that it is to find by LISTEN_FDS and LISTEN_PID. */
  readonly listeners?: number;
}

/** A fifo that is opened when the process is made, and not before. */
export interface LateInput {
  /** Absolute. */
  readonly path: string;
  /** Called before the program runs, unless the fifo's writer has come and gone by then: opens a writer that stays. */
  keep(): void;
  /**
   * The same before anybody else has opened the fifo, for which it needs a reader too: what it answers closes that one, once
   * the process has its own. Throws a RundError for what is no fifo.
   */
  hold(): () => void;
}

/** What a process gets of its home, where that is all there is of a jail. */
export interface HomeOptions {
  /** Name of a shell script in it that is read before the program runs, when it is there. */
  readonly profile: string;
}

/** What the launcher needs to know to make one process of a jail. */
export interface JailProcessOptions extends ProcessTies {
  /** Absolute host path of the jail's root directory. */
  readonly root: string;
  /** The root is only a folder to be in, nothing is chrooted into; `cwd` is a path of the host then. */
  readonly home?: HomeOptions;
  readonly args: readonly string[];
  /** What is run in place of the first argument, which is then only its name. */
  readonly program?: string;
  /** `NAME=value` entries; the program is looked up with the PATH among them. */
  readonly env: readonly string[];
  /** Path inside the jail; created when missing, as runc does for a container's first process. */
  readonly cwd: string;
  /** A missing `cwd` is an error instead, as it is for an exec. */
  readonly requireCwd?: boolean;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, exactly: none is inherited from the shim. */
  readonly additionalGids: readonly number[];
  readonly umask?: number;
  readonly limits: readonly ResourceLimit[];
  /**
   * Soft limit of open files where `limits` names none. Node and Bun raise their own soft limit to the hard one,
   * and a process would inherit that.
   */
  readonly softFileLimit?: number;
  /** Refused by the launcher of any other system. */
  readonly linux?: LinuxSettings;
  /** A seatbelt profile's text, or its absolute path on the host; refused by the launcher of any system but macOS. */
  readonly seatbelt?: string;
  /** With a terminal, a relay process owns the pty and copies between it and the descriptors of `stdio`. */
  readonly terminal: boolean;
  readonly terminalSize?: TerminalSize;
  /** The standard input, without a terminal, where it is a fifo that is not open yet. */
  readonly input?: LateInput;
  /** Descriptors of this process that become the jailed process's (or the relay's); "ignore" is /dev/null. */
  readonly stdio: ProcessStreams;
}

/** Descriptors of this process, the standard ones first; "ignore" is /dev/null. */
export type ProcessStreams = readonly [
  stdin: number | "ignore",
  stdout: number | "ignore",
  stderr: number | "ignore",
  ...kept: readonly number[],
];

/** How a process ended. `status` is the exit code, or 128 plus the signal's number. */
export interface ProcessExit {
  readonly status: number;
  readonly exitedAt: Date;
}

/** A process that stands at the launcher's gate, runs, or has ended. */
export interface JailedProcess {
  /** Process id of the jailed program itself, known from the moment it stands at the gate. */
  readonly pid: number;
  /** Opens the gate: the launcher execs the program. Rejects with what exec answered, e.g. a permission error. */
  start(): Promise<void>;
  /**
   * Leaves a process that stands at the gate and has one of its own: it waits there, also when this process has ended, for
   * whoever opens it (`SavedProcess`).
   */
  leave(): Promise<void>;
  /** Sends a signal to this one process; false when it has ended already. */
  signal(signal: number): boolean;
  /** Sets the terminal's size, or takes over that of the foreground's terminal; without a terminal it does nothing. */
  resize(size?: TerminalSize): void;
  /** Settles once, after a terminal's output has been drained; never rejects. */
  readonly exited: Promise<ProcessExit>;
}
