import { packJson } from "../../../src/proto/any.ts";
import type { Codec } from "../../../src/proto/codec.ts";
import * as task from "../../../src/proto/generated/containerd/task/v2/task.ts";
import { Request } from "../../../src/proto/generated/ttrpc/request.ts";
import { path } from "../../e2e/support/jail_spec.ts";

/** A proper request, from which improper ones are made. */
export interface SeedRequest {
  readonly bytes: Buffer;
  /** Where the message of the method begins in it. */
  readonly message: number;
}

const service = "containerd.task.v2.Task";

/** Not above the launcher's patience, not below its own start: what it runs, it can also delete in the same batch. */
const execIds = ["e0", "e1", "e2", "e3"];

/**
 * Requests of all methods about one container and about ones that are not there. `common` cost the shim next to
 * nothing; each of `costly` runs a process.
 */
export function seedRequests(id: string, folder: string): { common: SeedRequest[]; costly: SeedRequest[] } {
  const nobody = { id: `${id}-nobody`, execId: "" };
  const exec = (execId: string) => ({ id, execId });
  const common = [
    ...[{ id, execId: "" }, nobody, exec("e0")].flatMap((request) => [
      seed("State", task.StateRequest, request),
      seed("Wait", task.WaitRequest, request),
      seed("CloseIO", task.CloseIORequest, { ...request, stdin: true }),
      seed("ResizePty", task.ResizePtyRequest, { ...request, width: 80, height: 24 }),
      seed("Delete", task.DeleteRequest, request),
    ]),
    seed("Connect", task.ConnectRequest, { id }),
    seed("Connect", task.ConnectRequest, { id }, { timeoutNano: 1n }),
    seed("Wait", task.WaitRequest, { id, execId: "" }, { timeoutNano: 1_000_000n }),
    seed("Start", task.StartRequest, nobody),
    seed("Start", task.StartRequest, { id, execId: "" }),
    seed("Kill", task.KillRequest, { ...nobody, signal: 9, all: true }),
    seed("Kill", task.KillRequest, { ...exec("nothing"), signal: 15, all: false }),
    seed("Shutdown", task.ShutdownRequest, { id, now: true }),
    seed("Update", task.UpdateTaskRequest, update(id)),
    seed("Checkpoint", task.CheckpointTaskRequest, { id, path: "/nowhere", options: undefined }),
    seed("Create", task.CreateTaskRequest, creation(id, folder)),
    seed("Create", task.CreateTaskRequest, creation(nobody.id, folder)),
    seed("Exec", task.ExecProcessRequest, execution(nobody.id, "e0")),
    seed("NoSuchMethod", task.StateRequest, nobody),
    seed("State", task.StateRequest, nobody, { service: "no.such.Service" }),
  ];
  const costly = [
    seed("Pids", task.PidsRequest, { id }),
    seed("Stats", task.StatsRequest, { id }),
    seed("Pause", task.PauseRequest, { id }),
    seed("Resume", task.ResumeRequest, { id }),
    ...execIds.flatMap((execId) => [
      seed("Exec", task.ExecProcessRequest, execution(id, execId)),
      seed("Start", task.StartRequest, { id, execId }),
      seed("Kill", task.KillRequest, { id, execId, signal: 9, all: false }),
      seed("Delete", task.DeleteRequest, { id, execId }),
    ]),
  ];
  return { common, costly };
}

/** A call about which there can be no doubt, and which changes nothing. */
export function goodRequest(id: string): Buffer {
  return seed("Connect", task.ConnectRequest, { id }).bytes;
}

function seed<T>(method: string, codec: Codec<T>, message: T, more: Partial<Request> = {}): SeedRequest {
  const payload = codec.encode(message).finish();
  const metadata = [{ key: "containerd-namespace-ttrpc", value: "tasks" }];
  const request = { service, method, payload, timeoutNano: 0n, metadata, ...more };
  const bytes = Buffer.from(Request.encode(request).finish());
  return { bytes, message: Math.max(0, bytes.indexOf(payload)) };
}

function creation(id: string, folder: string): task.CreateTaskRequest {
  const stdio = { stdin: `${folder}/0`, stdout: `${folder}/1`, stderr: `${folder}/2`, terminal: false };
  const rootfs = [{ type: "bind", source: `${folder}/none`, target: "", options: ["rbind", "ro"] }];
  return task.CreateTaskRequest.fromPartial({ id, bundle: `${folder}/none`, ...stdio, rootfs });
}

function execution(id: string, execId: string): task.ExecProcessRequest {
  const document = { args: ["true"], cwd: "/", env: [path], user: { uid: 0, gid: 0 } };
  const spec = packJson("types.containerd.io/opencontainers/runtime-spec/1/Process", document);
  return task.ExecProcessRequest.fromPartial({ id, execId, spec });
}

function update(id: string): task.UpdateTaskRequest {
  const resources = packJson("types.containerd.io/opencontainers/runtime-spec/1/LinuxResources", {
    memory: { limit: 1 << 30 },
  });
  return task.UpdateTaskRequest.fromPartial({ id, resources });
}
