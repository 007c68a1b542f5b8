import { totalmem } from "node:os";
import type { Usage } from "../container/usage.ts";
import { packAny } from "../proto/any.ts";
import type { Any } from "../proto/generated/google/protobuf/any.ts";
import { Metrics } from "../proto/generated/io/containerd/cgroups/v2/metrics.ts";

/**
 * A jail's usage as a control group of version 2 would tell it: docker and `ctr task metrics` know no other kind. Nothing
 * limits a jail, so its memory's limit is the machine's; docker asks the machine itself only on Linux.
 */
export function metrics({ tasks, cpu, memory }: Usage): Any {
  const user = BigInt(cpu.user);
  const system = BigInt(cpu.system);
  const message = Metrics.fromPartial({
    pids: { current: BigInt(tasks), limit: 0n },
    cpu: { usageUsec: user + system, userUsec: user, systemUsec: system },
    memory: { usage: BigInt(memory), usageLimit: BigInt(totalmem()) },
    // Nothing is known of it, but nerdctl panics without.
    io: {},
  });
  return packAny(Metrics, message);
}
