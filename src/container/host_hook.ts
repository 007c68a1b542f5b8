import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { errnoText, RundError } from "../common/error.ts";
import { exitStatus } from "../jail/exit_status.ts";
import type { Hook } from "../oci/spec.ts";
import { assertHookEnd, type HookEnd, hookTimeLimit, longestHookText } from "./hook_end.ts";
import { killSession } from "./kill_session.ts";

export interface HostHookOptions {
  /** What it reads on standard input. */
  readonly state: string;
  /** Working directory: the bundle, where runc's hooks run too. */
  readonly cwd: string;
  /** Milliseconds that it may take at most, whatever it asks for. */
  readonly limit?: number;
}

/** How long what a hook said last may take to arrive after its end, in milliseconds. */
const lastWords = 100;

/**
 * Runs a hook on the host, as the shim's user and with nothing but its own environment. It runs in a session of its
 * own, and when its time is up all of that is killed.
 * @throws RundError with what went wrong, without the hook's name
 */
export async function runHostHook(hook: Hook, options: HostHookOptions): Promise<void> {
  const child = await spawnHook(hook, options.cwd);
  const said = collect(child.stderr);
  // One that does not read breaks the pipe, and may.
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.state);
  const limit = hookTimeLimit(hook, options.limit);
  const end = await awaitEnd(child, limit);
  // Not its end: what it left in the background may hold the stream for ever.
  if (end !== 0) await Promise.race([once(child, "close"), delay(lastWords)]);
  child.stderr?.destroy();
  assertHookEnd(end, said.join("").slice(0, longestHookText), limit);
}

async function spawnHook(hook: Hook, cwd: string): Promise<ChildProcess> {
  const { path, args = [], env = [] } = hook;
  try {
    const child = spawn(path, args.slice(1), {
      argv0: args[0] ?? path,
      cwd,
      env: Object.fromEntries(env.map(variable)),
      detached: true,
      stdio: ["pipe", "ignore", "pipe"],
    });
    if (child.pid === undefined) throw (await once(child, "error"))[0];
    return child;
  } catch (error) {
    throw new RundError(RundError.from(error).code, errnoText(error), { cause: error });
  }
}

function variable(entry: string): [string, string] {
  const equals = entry.indexOf("=");
  return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}

function collect(stream: Readable | null): string[] {
  const parts: string[] = [];
  let length = 0;
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => {
    // It is read to the end so that the hook is never held up, and only its beginning kept.
    if (length < longestHookText) parts.push(text);
    length += text.length;
  });
  return parts;
}

function awaitEnd(child: ChildProcess, limit: number | undefined): Promise<HookEnd> {
  return new Promise((resolve) => {
    let late = false;
    const kill = () => {
      late = true;
      killSession(child.pid ?? 0);
    };
    const timer = limit === undefined ? undefined : setTimeout(kill, limit);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      resolve(late ? "late" : exitStatus(code, signal));
    });
  });
}
