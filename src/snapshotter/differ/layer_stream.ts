import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { launcherPath } from "../../platform/launcher_path.ts";
import { requireSuccess } from "../launcher_error.ts";

export interface LayerRequest {
  /** Folder of the older tree; undefined for all of the newer one. */
  readonly lower: string | undefined;
  readonly upper: string;
  /** No time in the layer is later, in seconds. */
  readonly latest: number | undefined;
  /** See {@link Snapshot.clonedAt}. */
  readonly clonedAt: string | undefined;
}

/** A layer that is being written, uncompressed. */
export interface LayerStream {
  readonly archive: Readable;
  /** Rejects when the archive that has ended is not whole. */
  complete(): Promise<void>;
  /** Ends it before its time; a no-op after its end. */
  kill(): void;
}

/** Starts to write the difference of two trees, which the launcher finds. */
export function startLayer({ lower, upper, latest, clonedAt }: LayerRequest): LayerStream {
  const args = ["diff", "--upper", upper, ...option("--lower", lower), ...option("--cloned", clonedAt)];
  const child = spawn(launcherPath(), [...args, ...option("--latest", latest?.toString())], {
    cwd: "/",
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, "close");
  // Only who asks whether it is complete wants to know.
  ended.catch(() => {});
  const complete = async (): Promise<void> => {
    const [code] = (await ended) as [number | null];
    requireSuccess({ status: code ?? -1, stdout: Buffer.alloc(0), stderr }, "compare");
  };
  return { archive: child.stdout, complete, kill: () => child.kill("SIGKILL") };
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}
