import { isAbsolute } from "node:path";
import { Code, RundError } from "../common/error.ts";
import type { Container } from "../container/container.ts";
import type { ContainerContext } from "../container/container_context.ts";
import type { ContainerProcess } from "../container/container_process.ts";
import type { Containers } from "../container/containers.ts";
import { type CreateRequest, createContainer } from "../container/create.ts";
import type { Settings } from "../container/settings.ts";
import { packAny } from "../proto/any.ts";
import { ProcessDetails } from "../proto/generated/containerd/runc/v1/options.ts";
import * as task from "../proto/generated/containerd/task/v2/task.ts";
import type { Any } from "../proto/generated/google/protobuf/any.ts";
import { Empty } from "../proto/generated/google/protobuf/empty.ts";
import { toTimestamp } from "../proto/timestamp.ts";
import { type Service, type Services, unary } from "../ttrpc/service.ts";
import { assertIdentifier } from "./arguments.ts";
import { processDocument } from "./process_document.ts";
import { assertNoResources } from "./resources_document.ts";
import { taskStatus } from "./task_status.ts";

/** What the daemon lends the task service. */
export interface TaskServiceOptions {
  readonly containers: Containers;
  readonly settings: () => Settings;
  readonly context: ContainerContext;
  /** containerd is done with the named container, and no other is there but one that it has given up. */
  readonly shutdown: (id: string) => void;
}

/**
 * containerd's task API: looks up, delegates, answers. Both versions have the same messages (containerd:
 * runtime v2 README), so one table serves both names.
 */
export function taskServices(options: TaskServiceOptions): Services {
  const service = taskService(options);
  return { "containerd.task.v2.Task": service, "containerd.task.v3.Task": service };
}

function taskService({ containers, settings, context, shutdown }: TaskServiceOptions): Service {
  const find = (request: { id: string; execId?: string }): ContainerProcess =>
    containers.get(request.id).process(request.execId ?? "");
  const createWithOptions = async (create: CreateRequest, options: Any | undefined): Promise<Container> => {
    // Most containers come without.
    if (options === undefined) return createContainer(create, settings(), context);
    const { runtimeOptions } = await import("./runtime_options.ts");
    return createContainer({ ...create, ...runtimeOptions(options) }, settings(), context);
  };
  return {
    State: unary(task.StateRequest, task.StateResponse, (request) =>
      stateOf(containers.get(request.id), find(request)),
    ),
    Create: unary(task.CreateTaskRequest, task.CreateTaskResponse, async (request, { signal }) => {
      const create = createRequest(request);
      const container = await containers.add(request.id, (givenUp) => {
        const wanted = AbortSignal.any([signal, givenUp]);
        return createWithOptions({ ...create, signal: wanted }, request.options);
      });
      return { pid: container.init.pid };
    }),
    Start: unary(task.StartRequest, task.StartResponse, async (request) => {
      return { pid: await containers.get(request.id).start(request.execId) };
    }),
    Delete: unary(task.DeleteRequest, task.DeleteResponse, async (request) => {
      // A client that gave up during Create: containerd asks for this at once, and loses the shim after it.
      if (request.execId === "") await containers.giveUp(request.id);
      const process = await containers.get(request.id).delete(request.execId);
      if (request.execId === "") containers.remove(request.id);
      return { pid: process.pid, ...exitOf(process) };
    }),
    Pids: unary(task.PidsRequest, task.PidsResponse, async (request) => {
      const processes = await containers.get(request.id).pids();
      const info = (execId: string) => packAny(ProcessDetails, { execId });
      return {
        processes: processes.map(({ pid, execId }) => ({
          pid,
          info: execId === undefined ? undefined : info(execId),
        })),
      };
    }),
    Kill: unary(task.KillRequest, Empty, async (request) => {
      await containers.get(request.id).kill(request.execId, request.signal, request.all);
      return {};
    }),
    Exec: unary(task.ExecProcessRequest, Empty, (request) => {
      const { stdin, stdout, stderr, terminal } = request;
      assertIdentifier("exec id", request.execId);
      const document = processDocument(request.spec);
      containers.get(request.id).exec(request.execId, document, { stdin, stdout, stderr, terminal });
      return {};
    }),
    ResizePty: unary(task.ResizePtyRequest, Empty, (request) => {
      find(request).resize({ width: request.width, height: request.height });
      return {};
    }),
    CloseIO: unary(task.CloseIORequest, Empty, (request) => {
      if (request.stdin) find(request).closeStdin();
      return {};
    }),
    Wait: unary(task.WaitRequest, task.WaitResponse, async (request, { signal }) => {
      const process = find(request);
      await process.wait(signal);
      return exitOf(process);
    }),
    // A client may connect before it knows whether the task is there; runc's shim never fails here.
    Connect: unary(task.ConnectRequest, task.ConnectResponse, (request) => {
      return { shimPid: process.pid, taskPid: containers.find(request.id)?.init.pid ?? 0, version: "" };
    }),
    Shutdown: unary(task.ShutdownRequest, Empty, ({ id }) => {
      if (containers.isEmpty || containers.isCreating(id)) shutdown(id);
      return {};
    }),
    Pause: unary(task.PauseRequest, Empty, async (request) => {
      await containers.get(request.id).pause();
      return {};
    }),
    Resume: unary(task.ResumeRequest, Empty, async (request) => {
      await containers.get(request.id).resume();
      return {};
    }),
    Stats: unary(task.StatsRequest, task.StatsResponse, async (request) => {
      // A third of all codecs, which most containers never need.
      const { metrics } = await import("./metrics.ts");
      return { stats: metrics(await containers.get(request.id).usage()) };
    }),
    Update: unary(task.UpdateTaskRequest, Empty, (request) => {
      containers.get(request.id).assertUpdate();
      assertNoResources(request.resources);
      return {};
    }),
    Checkpoint: unary(task.CheckpointTaskRequest, Empty, (request) => {
      containers.get(request.id);
      throw new RundError(Code.unimplemented, "checkpoint: jails cannot be checkpointed");
    }),
  };
}

function createRequest(request: task.CreateTaskRequest): Omit<CreateRequest, "signal"> {
  const { id, bundle, stdin, stdout, stderr, terminal, checkpoint } = request;
  assertIdentifier("id", id);
  if (!isAbsolute(bundle))
    throw new RundError(Code.invalidArgument, `bundle ${bundle}: path is not absolute`);
  if (checkpoint !== "") throw new RundError(Code.unimplemented, "checkpoint: jails cannot be restored");
  const rootfs = request.rootfs.map(({ type, source, target, options }) => ({
    type,
    source,
    destination: target,
    options,
  }));
  return { id, bundle, rootfs, uris: { stdin, stdout, stderr, terminal } };
}

function stateOf(container: Container, process: ContainerProcess): task.StateResponse {
  const { id, pid, uris } = process;
  const execId = process === container.init ? "" : id;
  const status = taskStatus(process.state);
  return { id, bundle: container.bundle.path, pid, status, ...uris, ...exitOf(process), execId };
}

/** Zero and no time while the process has not ended: clients show a zero time as a date in 1970. */
function exitOf({ exit }: ContainerProcess): Pick<task.WaitResponse, "exitStatus" | "exitedAt"> {
  return { exitStatus: exit?.status ?? 0, exitedAt: exit && toTimestamp(exit.exitedAt) };
}
