import { shimPids } from "../../e2e/support/host_processes.ts";
import { ApiClient } from "../../harness/api_client.ts";
import { buildkitNamespace } from "../../harness/buildkit_daemon.ts";
import type { Way } from "./way.ts";

/**
 * Ends the shims of tasks that containerd has forgotten. It asks each shim for the task's pid right after the Create; when
 * its client gives up in this moment, the client is told of an error and the task stays, whatever the runtime. BuildKit
 * deletes the container's record then, and without it containerd does nothing more with the task until it is restarted.
 */
export async function endAbandonedTasks({ ctr, name }: Way): Promise<void> {
  const api = new ApiClient(ctr.address, buildkitNamespace(name));
  try {
    const { tasks } = await api.tasks.list({});
    const created = tasks.filter(({ status }) => status === "CREATED");
    for (const { id } of created) for (const pid of shimPids(id)) process.kill(pid, "SIGTERM");
  } finally {
    api.close();
  }
}
