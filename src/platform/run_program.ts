import { execFile } from "node:child_process";
import { Code, RundError } from "../common/error.ts";

/** How one of the system's programs ended. */
export interface ProgramResult {
  /** Exit code; -1 when it was ended by a signal, as when its time was up. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** With a `uid` the program runs as that user, in the group of the same number. */
export type RunProgram = (program: string, args: readonly string[], uid?: number) => Promise<ProgramResult>;

/** Milliseconds; a directory service that hangs must not hold a container for ever. */
const timeout = 20_000;

/** Runs a program of the system with a plain environment. Rejects with internal when it cannot be run at all. */
export const runProgram: RunProgram = (program, args, uid) =>
  new Promise((resolve, reject) => {
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
    const user = uid === undefined ? {} : { uid, gid: uid };
    execFile(program, args, { timeout, env, cwd: "/", ...user }, (error, stdout, stderr) => {
      const code = error?.code;
      if (typeof code === "string") {
        reject(new RundError(Code.internal, `${program}: ${error?.message ?? code}`, { cause: error }));
        return;
      }
      resolve({ status: error === null ? 0 : (code ?? -1), stdout, stderr });
    });
  });
