import { spawn } from "node:child_process";
import { once } from "node:events";
import { Code, RundError } from "../../common/error.ts";
import { launcherPath } from "../../platform/launcher_path.ts";

/**
 * Runs `body` while no other of rund's processes on this host runs one under the lock of the same folder. The launcher holds the
 * lock: Node has none that the kernel gives back when its holder is killed.
 */
export async function withUserLock<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const holder = spawn(launcherPath(), ["lock", "--wait", folder], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise<never>((_, reject) => {
    const fail = (error?: Error) =>
      reject(new RundError(Code.internal, `lock ${folder}: ${error?.message ?? "not taken"}`));
    holder.once("error", fail);
    holder.once("exit", () => fail());
  });
  ended.catch(() => {});
  holder.stdin.on("error", () => {});
  try {
    await Promise.race([once(holder.stdout, "data"), ended]);
    return await body();
  } finally {
    holder.stdin.end();
  }
}
