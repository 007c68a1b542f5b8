import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { Code, RundError } from "../common/error.ts";
import type { ProcessStreams } from "./jailed_process.ts";

/** A launcher that runs and waits for its request on `control`. */
export interface SpawnedLauncher {
  readonly child: ChildProcess;
  readonly control: Socket;
}

/**
 * Starts `rund-jail exec` with these streams, with no environment and nothing in the arguments: what is meant for the
 * jail must not act on the launcher. Rejects with a RundError when it cannot be run.
 */
export async function spawnLauncher(launcher: string, stdio: ProcessStreams): Promise<SpawnedLauncher> {
  const child = trySpawn(launcher, stdio);
  // Known at once; without this the failure would be seen as a launcher that ended early.
  if (child.pid === undefined) throw failure(launcher, (await once(child, "error"))[0]);
  const control = child.stdio[3];
  if (!(control instanceof Socket)) throw failure(launcher, new Error("no control descriptor"));
  return { child, control };
}

function trySpawn(launcher: string, [stdin, stdout, stderr, ...kept]: ProcessStreams): ChildProcess {
  try {
    return spawn(launcher, ["exec"], { cwd: "/", env: {}, stdio: [stdin, stdout, stderr, "pipe", ...kept] });
  } catch (error) {
    throw failure(launcher, error);
  }
}

function failure(launcher: string, error: unknown): RundError {
  const reason = error instanceof Error ? error.message : String(error);
  return new RundError(Code.internal, `launcher ${launcher}: ${reason}`, { cause: error });
}
