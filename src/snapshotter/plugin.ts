import { join } from "node:path";

/** What the daemon's two services are called in containerd's configuration. */
export const [snapshotterName, differName] = ["rund", "rund-diff"] as const;

/** The socket that it serves on unless it is told otherwise. */
export function usualAddress(runtimeDirectory: string): string {
  return join(runtimeDirectory, "snapshotter.sock");
}
