import type { ContainerEvent } from "../container/events.ts";
import { packAny } from "../proto/any.ts";
import * as messages from "../proto/generated/containerd/events/task.ts";
import { toTimestamp } from "../proto/timestamp.ts";
import type { TaskEvent } from "./event_publisher.ts";

/** A container's event in containerd's topics and messages (containerd: runtime v2 README, events). */
export function taskEvent(event: ContainerEvent): TaskEvent {
  const { containerId } = event;
  switch (event.kind) {
    case "created": {
      const { pid, bundle, uris } = event;
      const rootfs = event.rootfs.map(({ type = "", source = "", destination, options = [] }) => ({
        type,
        source,
        target: destination,
        options: [...options],
      }));
      const message = messages.TaskCreate.create({ containerId, bundle, rootfs, io: uris, pid });
      return { topic: "/tasks/create", event: packAny(messages.TaskCreate, message) };
    }
    case "started":
      return {
        topic: "/tasks/start",
        event: packAny(messages.TaskStart, { containerId, pid: event.pid }),
      };
    case "paused":
      return { topic: "/tasks/paused", event: packAny(messages.TaskPaused, { containerId }) };
    case "resumed":
      return { topic: "/tasks/resumed", event: packAny(messages.TaskResumed, { containerId }) };
    case "exec-added":
      return {
        topic: "/tasks/exec-added",
        event: packAny(messages.TaskExecAdded, { containerId, execId: event.execId }),
      };
    case "exec-started":
      return {
        topic: "/tasks/exec-started",
        event: packAny(messages.TaskExecStarted, { containerId, execId: event.execId, pid: event.pid }),
      };
    case "exited": {
      const { processId: id, pid, status: exitStatus } = event;
      const exitedAt = toTimestamp(event.exitedAt);
      return {
        topic: "/tasks/exit",
        event: packAny(messages.TaskExit, { containerId, id, pid, exitStatus, exitedAt }),
      };
    }
    case "deleted": {
      const { pid, status: exitStatus } = event;
      const exitedAt = toTimestamp(event.exitedAt);
      return {
        topic: "/tasks/delete",
        event: packAny(messages.TaskDelete, { containerId, pid, exitStatus, exitedAt, id: "" }),
      };
    }
  }
}
