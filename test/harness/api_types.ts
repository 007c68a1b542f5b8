/** The parts of containerd's API that tests call, as grpc-js hands them over. */

export interface ProtoTimestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** `google.protobuf.Any`; grpc-js keeps this message's own field names. */
export interface ProtoAny {
  readonly type_url: string;
  readonly value: Uint8Array;
}

/** Which process is meant: without `execId` the container's first. */
export interface ProcessRequest {
  readonly containerId: string;
  readonly execId?: string;
}

export interface TaskProcess {
  readonly containerId: string;
  readonly id: string;
  readonly pid: number;
  readonly status: "UNKNOWN" | "CREATED" | "RUNNING" | "STOPPED" | "PAUSED" | "PAUSING";
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
  readonly exitStatus: number;
  readonly exitedAt: ProtoTimestamp | null;
}

export interface ProcessEnd {
  readonly exitStatus: number;
  readonly exitedAt: ProtoTimestamp | null;
}

export interface ProtoMount {
  readonly type: string;
  readonly source: string;
  readonly target?: string;
  readonly options: readonly string[];
}

/** Paths of fifos, or of other schemes of standard input and output; "" for none. */
export interface StdioRequest {
  readonly stdin?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly terminal?: boolean;
}

export interface TasksApi {
  create(
    request: { containerId: string; rootfs?: readonly ProtoMount[] } & StdioRequest,
  ): Promise<{ containerId: string; pid: number }>;
  start(request: ProcessRequest): Promise<{ pid: number }>;
  delete(request: { containerId: string }): Promise<ProcessEnd & { id: string; pid: number }>;
  deleteProcess(request: ProcessRequest): Promise<ProcessEnd & { id: string; pid: number }>;
  get(request: ProcessRequest): Promise<{ process: TaskProcess }>;
  list(request: { filter?: string }): Promise<{ tasks: TaskProcess[] }>;
  kill(request: ProcessRequest & { signal: number; all?: boolean }): Promise<object>;
  exec(request: { containerId: string; execId: string; spec: ProtoAny } & StdioRequest): Promise<object>;
  resizePty(request: ProcessRequest & { width: number; height: number }): Promise<object>;
  closeIO(request: ProcessRequest & { stdin: boolean }): Promise<object>;
  pause(request: { containerId: string }): Promise<object>;
  resume(request: { containerId: string }): Promise<object>;
  listPids(request: {
    containerId: string;
  }): Promise<{ processes: { pid: number; info: ProtoAny | null }[] }>;
  checkpoint(request: { containerId: string }): Promise<object>;
  update(request: { containerId: string; resources?: ProtoAny }): Promise<object>;
  metrics(request: { filters: readonly string[] }): Promise<{ metrics: object[] }>;
  wait(request: ProcessRequest): Promise<ProcessEnd>;
}

export interface ContainerRecord {
  readonly id: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly runtime: { readonly name: string; readonly options?: ProtoAny };
  /** The OCI spec as JSON, type `types.containerd.io/opencontainers/runtime-spec/1/Spec`. */
  readonly spec: ProtoAny;
  readonly snapshotter?: string;
  readonly snapshotKey?: string;
}

export interface ContainersApi {
  get(request: { id: string }): Promise<{ container: ContainerRecord }>;
  list(request: { filters?: readonly string[] }): Promise<{ containers: ContainerRecord[] }>;
  create(request: { container: ContainerRecord }): Promise<{ container: ContainerRecord }>;
  delete(request: { id: string }): Promise<object>;
}

/** An OCI structure as containerd carries it; `kind` is the name of its type. */
export function ociAny(kind: "Spec" | "Process" | "LinuxResources", document: unknown): ProtoAny {
  return {
    type_url: `types.containerd.io/opencontainers/runtime-spec/1/${kind}`,
    value: Buffer.from(JSON.stringify(document)),
  };
}
