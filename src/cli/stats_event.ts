import { totalmem } from "node:os";
import type { Usage } from "../container/usage.ts";

/** One line of `events`, in the shape of runc's; times are nanoseconds. What a jail cannot know is empty. */
export function statsEvent(id: string, { tasks, cpu, memory }: Usage): object {
  const [user, kernel] = [cpu.user * 1_000, cpu.system * 1_000];
  return {
    type: "stats",
    id,
    data: {
      cpu: { usage: { total: user + kernel, kernel, user }, throttling: {} },
      memory: { usage: { usage: memory, limit: totalmem(), max: 0, failcnt: 0 } },
      pids: { current: tasks },
      blkio: {},
      hugetlb: {},
      intel_rdt: {},
      network_interfaces: null,
    },
  };
}
