import { readFileSync } from "node:fs";
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Codec } from "../../src/proto/codec.ts";
import { VersionResponse } from "../../src/proto/generated/containerd/services/version/v1/version.ts";
import * as task from "../../src/proto/generated/containerd/task/v2/task.ts";
import { Empty } from "../../src/proto/generated/google/protobuf/empty.ts";
import { Daemons } from "../harness/daemons.ts";
import type { Census } from "../harness/host_census.ts";
import { shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { isAlive, shimPids } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { mountDriver, rootfs } = shared();

const overGrpc = { RUND_TRANSPORT: "grpc" };

/** What a shim asks containerd of: its version, and nothing else. */
async function tellVersion(address: string, version: string): Promise<void> {
  const path = "/containerd.services.version.v1.Version/Version";
  const method = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: () => ({}),
    responseSerialize: (answer: VersionResponse) => Buffer.from(VersionResponse.encode(answer).finish()),
    responseDeserialize: (bytes: Buffer) => VersionResponse.decode(bytes),
  };
  const server = new Server();
  server.addService(
    { Version: method },
    {
      Version: (_call: unknown, respond: (error: null, answer: VersionResponse) => void) =>
        respond(null, { version, revision: "" }),
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${address}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  onTestFinished(() => server.forceShutdown());
}

/** A gRPC client of a shim, as any program could be one. */
class GrpcTask {
  readonly #client: Client;
  readonly #service: string;

  constructor(socket: string, service = "containerd.task.v3.Task") {
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure());
    this.#service = service;
    onTestFinished(() => this.#client.close());
  }

  call<Q, A>(method: string, request: Codec<Q>, answer: Codec<A>, message: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      const encode = (value: Q) => Buffer.from(request.encode(value).finish());
      const settle = (error: ServiceError | null, value?: A): void => {
        if (error === null) resolve(value as A);
        else reject(error);
      };
      const options = { deadline: Date.now() + 20_000 };
      this.#client.makeUnaryRequest(
        `/${this.#service}/${method}`,
        encode,
        (bytes) => answer.decode(bytes),
        message,
        new Metadata(),
        options,
        settle,
      );
    });
  }

  id<A>(method: string, answer: Codec<A>, id: string): Promise<A> {
    return this.call(method, task.StateRequest, answer, task.StateRequest.create({ id }));
  }
}

describe("a grpc-js client", () => {
  async function started(): Promise<{ shim: DirectShim; socket: string }> {
    const spec = jailSpec({ rootfs, args: ["sleep", "1000"] });
    const shim = await DirectShim.bundle({ spec, env: overGrpc });
    await tellVersion(shim.address, "1.7.24~ds1");
    const result = await shim.run("start");
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(result.stdout)).toEqual({ version: 2, address: shim.socket, protocol: "grpc" });
    expect(readFileSync(`${shim.bundle}/address`, "utf8")).toBe(result.stdout);
    return { shim, socket: shim.socket };
  }

  it("leads a container through its life, waiting for its end all the while", async () => {
    const { shim, socket } = await started();
    const client = new GrpcTask(socket);
    const { id, bundle } = shim;
    const create = task.CreateTaskRequest.create({ id, bundle });
    const { pid } = await client.call("Create", task.CreateTaskRequest, task.CreateTaskResponse, create);
    const exit = client.id("Wait", task.WaitResponse, id);
    expect(await client.id("Start", task.StartResponse, id)).toEqual({ pid });
    // The older name of the service, over a second connection.
    const older = new GrpcTask(socket, "containerd.task.v2.Task");
    expect(await older.id("State", task.StateResponse, id)).toMatchObject({ id, pid, status: 2 });
    await client.call("Kill", task.KillRequest, Empty, { id, execId: "", signal: 9, all: false });
    expect(await exit).toMatchObject({ exitStatus: 137 });
    expect(await client.id("Delete", task.DeleteResponse, id)).toMatchObject({ pid, exitStatus: 137 });
    const [shimPid = 0] = shimPids(id);
    await client.call("Shutdown", task.ShutdownRequest, Empty, { id, now: false });
    await expect.poll(() => isAlive(shimPid), { timeout: 10_000 }).toBe(false);
  });

  it("gets codes and texts of errors", async () => {
    const { socket } = await started();
    const client = new GrpcTask(socket);
    await expect(client.id("State", task.StateResponse, "other")).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: "container other: not found",
    });
    await expect(client.id("NoSuchCall", Empty, "x")).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    await expect(client.call("Create", Empty, task.CreateTaskResponse, {})).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });
});

describe("start refuses gRPC", () => {
  it.each(["1.6.20~ds1", "v1.6.0", "v2.1.9", "2.3.4+unknown", ""])("to a containerd %j", async (version) => {
    const shim = await DirectShim.bundle({ spec: {}, env: overGrpc });
    await tellVersion(shim.address, version);
    const result = await shim.run("start");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("RUND_TRANSPORT: grpc works with containerd 1.7 only");
    expect(shimPids(shim.id)).toEqual([]);
  });

  it("to a containerd that does not tell its version", async () => {
    const shim = await DirectShim.bundle({ spec: {}, env: overGrpc });
    const result = await shim.run("start");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("RUND_TRANSPORT: ask containerd's version:");
  });

  it("together with grouping, and any other transport", async () => {
    const shim = await DirectShim.bundle({ spec: {}, env: { ...overGrpc, RUND_GROUPING: "1" } });
    expect((await shim.run("start")).stderr).toContain(
      "RUND_GROUPING: cannot be had with RUND_TRANSPORT=grpc",
    );
    const other = await DirectShim.bundle({ spec: {}, env: { RUND_TRANSPORT: "http" } });
    expect((await other.run("start")).stderr).toContain('RUND_TRANSPORT: must be ttrpc or grpc, not "http"');
  });

  it("to a real containerd 2.1, whose client is told why", async () => {
    await using daemons = await Daemons.start({ docker: false, containerd: "2.1", env: overGrpc });
    const result = await daemons.ctr.runContainer(["true"]);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("RUND_TRANSPORT: grpc works with containerd 1.7 only, this one is 2.1.");
  });
});

describe("containerd 1.7 over gRPC", () => {
  let daemons: Daemons;
  let empty: Census;

  beforeAll(async () => {
    const env = { RUND_MOUNT_DRIVER: mountDriver, ...overGrpc };
    daemons = await Daemons.start({ containerd: "1.7", env });
    empty = daemons.census.take();
  });

  afterAll(() => daemons.stop());

  it("runs a container", async () => {
    const result = await daemons.ctr.runContainer(["sh", "-c", "echo out; echo err >&2; exit 7"]);
    expect(result).toMatchObject({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
    await daemons.census.expectNoMoreThan(empty, 15_000);
  });

  it("tells of a program that is not there", async () => {
    const result = await daemons.ctr.runContainer(["/no/such/program"]);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("no such file or directory");
  });

  it("finds a running container again after a restart", async () => {
    const { ctr } = daemons;
    const id = await ctr.startContainer(["sleep", "1000"]);
    onTestFinished(() => ctr.remove(id));
    await daemons.containerd.restart();
    expect((await ctr.tasks()).find((found) => found.id === id)).toMatchObject({ status: "RUNNING" });
    const exec = ["task", "exec", "--exec-id", uniqueId("x"), id, "sh", "-c", "echo again; exit 3"];
    expect(await ctr.run(exec)).toMatchObject({ exitCode: 3, stdout: "again\n" });
    await ctr.ok(["task", "kill", "--signal", "SIGKILL", id]);
    await expect
      .poll(async () => (await ctr.tasks()).find((found) => found.id === id)?.status)
      .toBe("STOPPED");
  });

  it("carries docker, with a terminal and an exec", async () => {
    const { docker } = daemons;
    const session = docker.pty(docker.runArguments(["sh"], {}, "--rm", "-it"), { columns: 80, rows: 24 });
    await session.waitFor(/# $/);
    session.write("exit 5\r");
    expect(await session.exitCode).toBe(5);
    const id = await docker.startContainer(["sleep", "1000"]);
    expect((await docker.ok(["exec", id, "echo", "hi"])).stdout).toBe("hi\n");
    await docker.remove(id);
    await daemons.census.expectNoMoreThan(empty, 15_000);
  });
});
