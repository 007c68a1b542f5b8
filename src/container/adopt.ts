import { join } from "node:path";
import { Code, RundError } from "../common/error.ts";
import { isWaiting } from "../jail/gate.ts";
import { listJailProcesses } from "../jail/process_table.ts";
import { SavedProcess } from "../jail/saved_process.ts";
import { mountRecordOf } from "../mount/mount_record.ts";
import { loadBundle } from "../oci/bundle.ts";
import { Container } from "./container.ts";
import type { ContainerContext } from "./container_context.ts";
import { ContainerProcess } from "./container_process.ts";
import { type JailRecord, processesOf } from "./jail.ts";
import { jailOf } from "./jail_of.ts";
import type { ProcessState } from "./state.ts";
import { loadState, type SavedState } from "./state_file.ts";

/** Where the init of a container with this folder waits for its start, when it was left (`Container.leave`). */
export function gatePath(folder: string): string {
  return join(folder, "gate");
}

const noStreams = { stdin: "", stdout: "", stderr: "", terminal: false };

/**
 * Takes over a container that another process of rund has created and left, or still looks after: what it is follows from
 * the state file in its folder, and from its processes.
 * @throws RundError notFound when nothing was created in the folder
 */
export async function adoptContainer(folder: string, context: ContainerContext): Promise<Container> {
  const saved = loadState(folder);
  if (saved === undefined) throw new RundError(Code.notFound, "container does not exist");
  const record = saved.mounts ?? mountRecordOf(folder);
  const bundle = loadBundle(saved.bundle ?? folder, folder);
  const jail = await jailOf(record, bundle);
  const options = jail.launchOptions(bundle.spec.process ?? {});
  const init = new ContainerProcess(saved.containerId, noStreams, options, { ...context, folder });
  init.adopt(new SavedProcess(saved.pid, gatePath(folder)), await stateOf(saved, record, folder));
  return new Container(bundle, init, jail, context, saved);
}

/** A process that waits to be reaped has ended: it is in no jail any more. */
async function stateOf(
  { pid, exit, frozen }: SavedState,
  record: JailRecord,
  folder: string,
): Promise<ProcessState> {
  if (pid === 0 || exit !== undefined) return "stopped";
  const processes = await listJailProcesses(processesOf(record));
  if (!processes.some((process) => process.pid === pid)) return "stopped";
  if (frozen !== undefined) return "paused";
  return (await isWaiting(gatePath(folder))) ? "created" : "running";
}
