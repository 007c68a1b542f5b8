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
  /** How many descriptors from 3 on are handed on. */
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
  const kept = Array.from({ length: preserved }, (_, index) => 3 + index);
  for (const descriptor of kept) assertOpen(descriptor);
  return {
    uris: { stdin: "", stdout: "", stderr: "", terminal },
    local: {
      descriptors: consoleSocket ? ["ignore", "ignore", "ignore", ...kept] : [0, 1, 2, ...kept],
      ties: ties(request),
    },
  };
}

function ties({ terminal, consoleSocket, preserved, gate }: ConnectionRequest): ProcessTies {
  return {
    ...(gate !== undefined && { gate }),
    ...(consoleSocket && { console: resolve(consoleSocket) }),
    ...(terminal && !consoleSocket && { foreground: true }),
    ...(preserved > 0 && { kept: preserved }),
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

function assertOpen(descriptor: number): void {
  try {
    fstatSync(descriptor);
  } catch (error) {
    throw systemError(`--preserve-fds: descriptor ${descriptor}`, error);
  }
}
