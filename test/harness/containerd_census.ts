import { readdirSync } from "node:fs";
import { request } from "node:http";
import type { ContainerdDaemon } from "./containerd_daemon.ts";

/** What a containerd holds at one moment. */
export interface ContainerdHoldings {
  readonly descriptors: number;
  readonly goroutines: number;
  /** Bytes of living Go objects, right after a garbage collection. */
  readonly heap: number;
}

/** Counts what a containerd holds, by its own account where the kernel's would depend on its garbage collector. */
export async function containerdHoldings(containerd: ContainerdDaemon): Promise<ContainerdHoldings> {
  const profile = (name: string) => get(containerd.debugAddress, `/debug/pprof/${name}`);
  // What the first collection finds unreachable may hold more, which only the second finds.
  await profile("heap?gc=1");
  const heap = await profile("heap?gc=1&debug=1");
  const goroutines = await profile("goroutine?debug=1");
  return {
    descriptors: readdirSync(`/proc/${containerd.pid}/fd`).length,
    goroutines: numberIn(goroutines, /^goroutine profile: total (\d+)/),
    heap: numberIn(heap, /^# HeapAlloc = (\d+)/m),
  };
}

function numberIn(text: string, pattern: RegExp): number {
  const [, found] = pattern.exec(text) ?? [];
  if (found === undefined) throw new Error(`containerd's profile: no ${pattern}: ${text.slice(0, 200)}`);
  return Number(found);
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      response.on("error", reject);
    });
    sent.on("error", reject).end();
  });
}
