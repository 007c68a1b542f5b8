import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setupHost } from "../setup/setup_host.ts";
import type { CommandResult, DoctorHost } from "./finding.ts";

/** This machine. */
export function systemHost(): DoctorHost {
  return {
    ...setupHost(),
    uid: process.geteuid?.() ?? -1,
    environment: process.env,
    run: runCommand,
    isThere: existsSync,
    read: readIfPossible,
    canConnect,
  };
}

const usualLimit = 10_000;

/**
 * A program that looks at a dead mount may hang where no signal reaches it, so it is not waited for after its time, nor does
 * it keep this program alive.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  milliseconds = usualLimit,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data: Buffer) => stdout.push(data));
    child.stderr.on("data", (data: Buffer) => stderr.push(data));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      for (const handle of [child, child.stdout, child.stderr])
        if ("unref" in handle) (handle as { unref(): void }).unref();
      resolve({ kind: "late" });
    }, milliseconds);
    const finish = (result: CommandResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once("error", () => finish({ kind: "missing" }));
    child.once("close", (code) => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
      finish({ kind: "ended", status: code ?? -1, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

function readIfPossible(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const connectLimit = 2_000;

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (connected: boolean) => {
      socket.destroy();
      resolve(connected);
    };
    socket.setTimeout(connectLimit, () => finish(false));
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}
