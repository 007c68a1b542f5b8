import { fstatSync } from "node:fs";
import { resolve } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";
import type { LocalConnection } from "../container/container_process.ts";
import type { StdioUris } from "../io/stdio.ts";
import type { ProcessTies } from "../jail/jailed_process.ts";

export interface ConnectionRequest {
  readonly terminal: boolean;
  /** The command ends before the process does. */
  readonly detached: boolean;
  /** Path of the socket for a terminal's master, or undefined. */
  readonly consoleSocket: string | undefined;
  /** How many sockets from descriptor 3 on the process is to find (`listeners`); 0 for an exec, as with runc. */
  readonly listeners: number;
  /** How many descriptors behind these are handed on. */
  readonly preserved: number;
  /** Where it waits for its start, when another command starts it. */
  readonly gate?: string;
}

/** How a process hangs on the command that launches it: it gets the command's own streams. */
export interface Connection {
  readonly uris: StdioUris;
  readonly local: LocalConnection;
}

/** @throws RundError invalidArgument where a terminal has nobody to relay it, as runc has it */
export function connection(request: ConnectionRequest): Connection {
  const { terminal, consoleSocket, preserved } = request;
  assertConsole(request);
  const kept = Array.from({ length: request.listeners + preserved }, (_, index) => 3 + index);
  for (const descriptor of kept) assertOpen(descriptor);
  return {
    uris: { stdin: "", stdout: "", stderr: "", terminal },
    local: {
      descriptors: consoleSocket ? ["ignore", "ignore", "ignore", ...kept] : [0, 1, 2, ...kept],
      ties: ties(request),
    },
  };
}

/**
 * How many sockets whoever ran this command, systemd for example, has passed to it from descriptor 3 on (sd_listen_fds(3)). They
 * are the container's.
 */
export function passedListeners(environment: NodeJS.ProcessEnv, pid: number): number {
  const { LISTEN_FDS: count = "", LISTEN_PID: receiver } = environment;
  return receiver === String(pid) && /^\d+$/.test(count) ? Number(count) : 0;
}

function ties({ terminal, consoleSocket, listeners, preserved, gate }: ConnectionRequest): ProcessTies {
  return {
    ...(gate !== undefined && { gate }),
    ...(consoleSocket && { console: resolve(consoleSocket) }),
    ...(terminal && !consoleSocket && { foreground: true }),
    ...(listeners + preserved > 0 && { kept: listeners + preserved }),
    ...(listeners > 0 && { listeners }),
  };
}

function assertConsole({ terminal, detached, consoleSocket }: ConnectionRequest): void {
  if (detached && terminal && !consoleSocket) {
    throw new RundError(
      Code.invalidArgument,
      "process.terminal: a detached process needs --console-socket for its terminal",
    );
  }
  if (consoleSocket && !(detached && terminal)) {
    throw new RundError(
      Code.invalidArgument,
      "--console-socket: is for a detached process with a terminal (process.terminal) only",
    );
  }
}

/** As far as can be told: the engine may have opened one of its own in the place of one that is missing. */
function assertOpen(descriptor: number): void {
  try {
    fstatSync(descriptor);
  } catch (error) {
    throw systemError(`--preserve-fds or LISTEN_FDS: descriptor ${descriptor}`, error);
  }
}
