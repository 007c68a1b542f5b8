import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Runs `body` while this process holds an exclusive lock on the file at `path`, which is made when missing.
 * flock(1) holds it, so the kernel gives it back however this process ends.
 */
export async function withFileLock<T>(path: string, body: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(holder, "exit");
  const held = once(holder.stdout, "data");
  await Promise.race([
    held,
    ended.then(([code]) => Promise.reject(new Error(`flock ${path}: exit ${code}`))),
  ]);
  try {
    return await body();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
