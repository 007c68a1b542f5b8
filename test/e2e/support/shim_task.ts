import * as task from "../../../src/proto/generated/containerd/task/v2/task.ts";
import { Empty } from "../../../src/proto/generated/google/protobuf/empty.ts";
import type { TtrpcClient } from "../../../src/ttrpc/client.ts";

const service = "containerd.task.v2.Task";

/** The shim's own task API, called as containerd does; errors are RundErrors with the shim's code and text. */
export class ShimTask {
  readonly client: TtrpcClient;
  readonly #id: string;
  readonly #bundle: string;

  constructor(client: TtrpcClient, id: string, bundle: string) {
    this.client = client;
    this.#id = id;
    this.#bundle = bundle;
  }

  create(request: Partial<task.CreateTaskRequest> = {}): Promise<task.CreateTaskResponse> {
    const message = task.CreateTaskRequest.create({ id: this.#id, bundle: this.#bundle, ...request });
    return this.client.invoke(service, "Create", task.CreateTaskRequest, task.CreateTaskResponse, message);
  }

  start(execId = ""): Promise<task.StartResponse> {
    const request = { id: this.#id, execId };
    return this.client.invoke(service, "Start", task.StartRequest, task.StartResponse, request);
  }

  state(execId = "", id = this.#id): Promise<task.StateResponse> {
    return this.client.invoke(service, "State", task.StateRequest, task.StateResponse, { id, execId });
  }

  wait(execId = ""): Promise<task.WaitResponse> {
    const request = { id: this.#id, execId };
    return this.client.invoke(service, "Wait", task.WaitRequest, task.WaitResponse, request);
  }

  kill(signal: number, execId = ""): Promise<Empty> {
    const request = { id: this.#id, execId, signal, all: false };
    return this.client.invoke(service, "Kill", task.KillRequest, Empty, request);
  }

  delete(execId = ""): Promise<task.DeleteResponse> {
    const request = { id: this.#id, execId };
    return this.client.invoke(service, "Delete", task.DeleteRequest, task.DeleteResponse, request);
  }

  exec(request: Partial<task.ExecProcessRequest>): Promise<Empty> {
    const message = task.ExecProcessRequest.create({ id: this.#id, execId: "exec", ...request });
    return this.client.invoke(service, "Exec", task.ExecProcessRequest, Empty, message);
  }

  connect(): Promise<task.ConnectResponse> {
    const request = { id: this.#id };
    return this.client.invoke(service, "Connect", task.ConnectRequest, task.ConnectResponse, request);
  }

  shutdown(): Promise<Empty> {
    return this.client.invoke(service, "Shutdown", task.ShutdownRequest, Empty, { id: this.#id, now: false });
  }

  /** A call by name with raw bytes, for what no well-meaning client sends. */
  raw(method: string, payload: Uint8Array, of = service): Promise<Uint8Array> {
    return this.client.call(of, method, payload, { timeoutMs: 10_000 });
  }
}
