import { readFileSync } from "node:fs";
import { join } from "node:path";
import { choice } from "../common/choice.ts";

/**
 * Which library bindfs is linked with, macFUSE's or FUSE-T's: its name stands in the program. `RUND_FUSE` decides where
 * that cannot be seen, as with a script around it.
 * @throws RundError invalidArgument for another value of RUND_FUSE
 */
export function darwinFuseProvider(environment: NodeJS.ProcessEnv): "macfuse" | "fuse-t" {
  const wanted = choice(environment, "RUND_FUSE", ["auto", "macfuse", "fuse-t"], "auto");
  if (wanted !== "auto") return wanted;
  return readProgram("bindfs", environment["PATH"] ?? "").includes("libfuse-t") ? "fuse-t" : "macfuse";
}

/** The first file of that name on a PATH; empty when there is none, of which an attempt to run it will tell. */
function readProgram(name: string, path: string): Buffer {
  for (const folder of path.split(":")) {
    try {
      return readFileSync(join(folder, name));
    } catch {}
  }
  return Buffer.alloc(0);
}
