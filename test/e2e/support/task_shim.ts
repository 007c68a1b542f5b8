import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { inject } from "vitest";
import type { Process } from "../../../src/oci/spec.ts";
import { packJson } from "../../../src/proto/any.ts";
import type { Codec } from "../../../src/proto/codec.ts";
import * as task from "../../../src/proto/generated/containerd/task/v2/task.ts";
import { Empty } from "../../../src/proto/generated/google/protobuf/empty.ts";
import { TtrpcClient } from "../../../src/ttrpc/client.ts";
import { shimFolder } from "../../harness/project_paths.ts";
import { uniqueId } from "../../harness/unique_id.ts";
import { EventReceiver } from "./event_receiver.ts";
import { isAlive, shimPid } from "./host_processes.ts";
import { jailSpec, path } from "./jail_spec.ts";

const program = `${shimFolder()}/containerd-shim-rund-v1`;
const namespace = "tasks";

/** The built shim without containerd, called as containerd calls it. Answers and errors are the shim's own. */
export class TaskShim {
  readonly folder: string;
  readonly id: string;
  readonly pid: number;
  /** Path of the socket on which it takes calls. */
  readonly socket: string;
  readonly events: EventReceiver;
  readonly #client: TtrpcClient;

  private constructor(
    folder: string,
    id: string,
    socket: string,
    client: TtrpcClient,
    events: EventReceiver,
  ) {
    this.folder = folder;
    this.id = id;
    this.socket = socket;
    this.pid = shimPid(id);
    this.#client = client;
    this.events = events;
  }

  /** Starts a daemon that has no container yet; to be ended by `stop`. */
  static async start(): Promise<TaskShim> {
    const { folder: parent, mountDriver, path: searchPath } = inject("daemons");
    const folder = await mkdtemp(`${parent}/tasks-`);
    const id = uniqueId("shim");
    const events = await EventReceiver.listen(`${folder}/e.sock`);
    const args = ["-namespace", namespace, "-id", id, "-address", `${folder}/c.sock`];
    const { stdout } = await execa(program, [...args, "start"], {
      cwd: folder,
      env: { TTRPC_ADDRESS: `${folder}/e.sock`, RUND_MOUNT_DRIVER: mountDriver, PATH: searchPath },
    });
    const socket = stdout.slice("unix://".length);
    const client = await TtrpcClient.connect(socket, { timeoutMs: 10_000 });
    return new TaskShim(folder, id, socket, client, events);
  }

  /** Ends the daemon as containerd does, or by force with all that a failed test left in it, and removes its files. */
  async stop(): Promise<void> {
    await this.shutdown().catch(() => undefined);
    const ended = await Promise.race([this.#client.closed, delay(2_000, "not ended", { ref: false })]);
    if (ended !== undefined) process.kill(this.pid, "SIGTERM");
    while (isAlive(this.pid)) await delay(10);
    this.#client.close();
    await this.events.close();
    await rm(this.folder, { recursive: true });
  }

  /** Makes a bundle, and a container of it that waits for its start. */
  async create(id: string, rootfs: string, args: readonly string[]): Promise<number> {
    await this.writeBundle(id, rootfs, args);
    return this.createFromBundle(id);
  }

  async writeBundle(id: string, rootfs: string, args: readonly string[]): Promise<void> {
    const bundle = `${this.folder}/${id}`;
    await mkdir(bundle, { recursive: true });
    await writeFile(`${bundle}/config.json`, JSON.stringify(jailSpec({ rootfs, args })));
  }

  /** Sends the request before it returns. */
  async createFromBundle(id: string): Promise<number> {
    const request = task.CreateTaskRequest.fromPartial({ id, bundle: `${this.folder}/${id}` });
    return (await this.#call("Create", task.CreateTaskRequest, task.CreateTaskResponse, request)).pid;
  }

  /** Adds an exec that waits for its start. */
  exec(id: string, execId: string, args: readonly string[]): Promise<unknown> {
    const document: Process = { args, cwd: "/", env: [path], user: { uid: 0, gid: 0 } };
    const spec = packJson("types.containerd.io/opencontainers/runtime-spec/1/Process", document);
    const request = task.ExecProcessRequest.fromPartial({ id, execId, spec });
    return this.#call("Exec", task.ExecProcessRequest, Empty, request);
  }

  state(id: string, execId = ""): Promise<task.StateResponse> {
    return this.#call("State", task.StateRequest, task.StateResponse, { id, execId });
  }

  async start(id: string, execId = ""): Promise<number> {
    return (await this.#call("Start", task.StartRequest, task.StartResponse, { id, execId })).pid;
  }

  delete(id: string, execId = ""): Promise<task.DeleteResponse> {
    return this.#call("Delete", task.DeleteRequest, task.DeleteResponse, { id, execId });
  }

  pids(id: string): Promise<task.PidsResponse> {
    return this.#call("Pids", task.PidsRequest, task.PidsResponse, { id });
  }

  pause(id: string): Promise<unknown> {
    return this.#call("Pause", task.PauseRequest, Empty, { id });
  }

  resume(id: string): Promise<unknown> {
    return this.#call("Resume", task.ResumeRequest, Empty, { id });
  }

  checkpoint(id: string): Promise<unknown> {
    const request = { id, path: "/nowhere", options: undefined };
    return this.#call("Checkpoint", task.CheckpointTaskRequest, Empty, request);
  }

  kill(id: string, execId = "", signal = 9, all = false): Promise<unknown> {
    return this.#call("Kill", task.KillRequest, Empty, { id, execId, signal, all });
  }

  resizePty(id: string, execId = ""): Promise<unknown> {
    return this.#call("ResizePty", task.ResizePtyRequest, Empty, { id, execId, width: 80, height: 24 });
  }

  closeIo(id: string, execId = ""): Promise<unknown> {
    return this.#call("CloseIO", task.CloseIORequest, Empty, { id, execId, stdin: true });
  }

  /** `resources` is the JSON text of a LinuxResources document. */
  update(id: string, resources: string, kind = "LinuxResources"): Promise<unknown> {
    const typeUrl = `types.containerd.io/opencontainers/runtime-spec/1/${kind}`;
    const value = Buffer.from(resources);
    const request = task.UpdateTaskRequest.fromPartial({ id, resources: { typeUrl, value } });
    return this.#call("Update", task.UpdateTaskRequest, Empty, request);
  }

  wait(id: string, execId = ""): Promise<task.WaitResponse> {
    return this.#call("Wait", task.WaitRequest, task.WaitResponse, { id, execId });
  }

  stats(id: string): Promise<task.StatsResponse> {
    return this.#call("Stats", task.StatsRequest, task.StatsResponse, { id });
  }

  connect(id: string): Promise<task.ConnectResponse> {
    return this.#call("Connect", task.ConnectRequest, task.ConnectResponse, { id });
  }

  shutdown(): Promise<unknown> {
    return this.#call("Shutdown", task.ShutdownRequest, Empty, { id: this.id, now: false });
  }

  #call<Req, Res>(method: string, request: Codec<Req>, response: Codec<Res>, message: Req): Promise<Res> {
    const options = { timeoutMs: 30_000 };
    return this.#client.invoke("containerd.task.v2.Task", method, request, response, message, options);
  }
}
