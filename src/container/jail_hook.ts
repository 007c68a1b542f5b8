import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JailedProcess } from "../jail/jailed_process.ts";
import { launchProcess } from "../jail/launch_process.ts";
import type { Hook } from "../oci/spec.ts";
import type { LaunchOptions } from "./container_process.ts";
import { assertHookEnd, type HookEnd, hookTimeLimit, longestHookText } from "./hook_end.ts";
import { killSession } from "./kill_session.ts";

export interface JailHookOptions {
  /** What it reads on standard input. */
  readonly state: string;
  /** A folder of root's, outside of the jail, in which its streams may be files for a moment. */
  readonly folder: string;
  /** How the container's program is launched: the hook has its root, user, limits and capabilities. */
  readonly launch: LaunchOptions;
}

/**
 * Runs a hook in the jail, in the place of the container's program.
 * @throws RundError with what went wrong, without the hook's name
 */
export async function runJailHook(hook: Hook, options: JailHookOptions): Promise<void> {
  const streams = openStreams(options);
  const limit = hookTimeLimit(hook);
  try {
    const jailed = await launchProcess({
      ...options.launch,
      program: hook.path,
      args: hook.args?.length ? hook.args : [hook.path],
      env: hook.env ?? [],
      terminal: false,
      stdio: [streams.input, "ignore", streams.errors],
    });
    const end = await awaitEnd(jailed, limit);
    assertHookEnd(end, readStart(streams.errors), limit);
  } finally {
    closeSync(streams.input);
    closeSync(streams.errors);
  }
}

/** Files without a name: nobody has to read or write them while the hook runs. */
function openStreams({ folder, state }: JailHookOptions): { input: number; errors: number } {
  const own = mkdtempSync(join(folder, "hook-"));
  try {
    writeFileSync(join(own, "state"), state);
    const input = openSync(join(own, "state"), "r");
    return { input, errors: openSync(join(own, "errors"), "w+") };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function readStart(descriptor: number): string {
  const buffer = Buffer.alloc(longestHookText);
  return buffer.toString("utf8", 0, readSync(descriptor, buffer, 0, buffer.length, 0));
}

async function awaitEnd(jailed: JailedProcess, limit: number | undefined): Promise<HookEnd> {
  let late = false;
  const kill = () => {
    late = true;
    killSession(jailed.pid);
  };
  const timer = limit === undefined ? undefined : setTimeout(kill, limit);
  try {
    await jailed.start();
    const { status } = await jailed.exited;
    return late ? "late" : status;
  } finally {
    clearTimeout(timer);
  }
}
