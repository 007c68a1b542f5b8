import { onTestFinished } from "vitest";
import type { Process, Spec } from "../../../src/oci/spec.ts";
import type { ApiClient } from "../../harness/api_client.ts";
import { ociAny } from "../../harness/api_types.ts";
import { rundRuntime } from "../../harness/ctr.ts";
import { uniqueId } from "../../harness/unique_id.ts";
import { ApiProcess } from "./api_process.ts";
import { path } from "./jail_spec.ts";
import { TestStdio, type TestStdioOptions } from "./test_stdio.ts";

export interface ApiContainerOptions extends TestStdioOptions {
  readonly id?: string;
  readonly runtime?: string;
  /** Without stdio everything goes to, and comes from, nowhere. */
  readonly nullIo?: boolean;
}

export interface ApiExecOptions extends TestStdioOptions {
  readonly execId?: string;
  readonly process?: Partial<Process>;
  readonly nullIo?: boolean;
}

/**
 * A container by way of containerd's API, where a test says all of its spec and sees every error code. It and its
 * task are removed when the test ends.
 */
export class ApiContainer extends ApiProcess {
  readonly id: string;

  private constructor(api: ApiClient, id: string, stdio: TestStdio | undefined) {
    super(api, { containerId: id }, stdio);
    this.id = id;
    onTestFinished(() => this.remove());
  }

  /** Makes the record and its stdio, and no task yet. */
  static async record(
    api: ApiClient,
    spec: unknown,
    options: ApiContainerOptions = {},
  ): Promise<ApiContainer> {
    const { id = uniqueId("api"), runtime = rundRuntime } = options;
    const stdio = options.nullIo ? undefined : await TestStdio.open(options);
    await api.containers.create({
      container: { id, runtime: { name: runtime }, spec: ociAny("Spec", spec) },
    });
    return new ApiContainer(api, id, stdio);
  }

  /** Makes the record and the task, which then waits for its start. */
  static async create(api: ApiClient, spec: Spec, options: ApiContainerOptions = {}): Promise<ApiContainer> {
    const terminal = spec.process?.terminal ?? false;
    const container = await ApiContainer.record(api, spec, { terminal, ...options });
    await container.createTask();
    return container;
  }

  /** Creates and starts. */
  static async run(api: ApiClient, spec: Spec, options: ApiContainerOptions = {}): Promise<ApiContainer> {
    const container = await ApiContainer.create(api, spec, options);
    await container.start();
    return container;
  }

  /** Creates the task and answers the pid. */
  async createTask(): Promise<number> {
    return (await this.api.tasks.create({ containerId: this.id, ...this.stdio?.request })).pid;
  }

  /** Adds an exec, which then waits for its start. */
  async exec(args: readonly string[], options: ApiExecOptions = {}): Promise<ApiProcess> {
    const { execId = uniqueId("exec"), terminal = false } = options;
    const document = { args, cwd: "/", env: [path], user: { uid: 0, gid: 0 }, terminal, ...options.process };
    const stdio = options.nullIo ? undefined : await TestStdio.open(options);
    const spec = ociAny("Process", document);
    await this.api.tasks.exec({ containerId: this.id, execId, spec, terminal, ...stdio?.request });
    return new ApiProcess(this.api, { containerId: this.id, execId }, stdio);
  }

  /** For clean-up: whatever state it is in, and it never rejects. */
  async remove(): Promise<void> {
    const containerId = this.id;
    const quietly = (promise: Promise<unknown>) =>
      promise.then(
        () => true,
        () => false,
      );
    if (await quietly(this.api.tasks.get({ containerId }))) {
      await quietly(this.api.tasks.kill({ containerId, signal: 9, all: true }));
      await quietly(this.api.tasks.wait({ containerId }));
      await quietly(this.api.tasks.delete({ containerId }));
    }
    await quietly(this.api.containers.delete({ id: containerId }));
  }
}
