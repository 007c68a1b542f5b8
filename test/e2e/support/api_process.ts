import type { ApiClient } from "../../harness/api_client.ts";
import type { ProcessEnd, ProcessRequest, TaskProcess } from "../../harness/api_types.ts";
import type { TestStdio } from "./test_stdio.ts";

/** One process of a container, its init or an exec, by way of containerd's API. Calls reject with grpc-js's errors. */
export class ApiProcess {
  readonly request: ProcessRequest;
  /** The client's side of its stdio; none when it was made without. */
  readonly stdio: TestStdio | undefined;
  protected readonly api: ApiClient;

  constructor(api: ApiClient, request: ProcessRequest, stdio: TestStdio | undefined) {
    this.api = api;
    this.request = request;
    this.stdio = stdio;
  }

  async start(): Promise<number> {
    return (await this.api.tasks.start(this.request)).pid;
  }

  /** The end, which may be awaited before the start. */
  wait(): Promise<ProcessEnd> {
    return this.api.tasks.wait(this.request);
  }

  async state(): Promise<TaskProcess> {
    return (await this.api.tasks.get(this.request)).process;
  }

  async kill(signal: number, all = false): Promise<void> {
    await this.api.tasks.kill({ ...this.request, signal, all });
  }

  async delete(): Promise<ProcessEnd> {
    const { containerId, execId } = this.request;
    return execId === undefined
      ? this.api.tasks.delete({ containerId })
      : this.api.tasks.deleteProcess(this.request);
  }

  /** All output up to its end. */
  output(): Promise<{ stdout: string; stderr: string }> {
    if (this.stdio === undefined) throw new Error("process: it was made without stdio");
    return this.stdio.output();
  }

  /** Starts it and awaits its end and all of its output. */
  async finish(): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const ended = this.wait();
    await this.start();
    const { exitStatus } = await ended;
    return { exitCode: exitStatus, ...(this.stdio ? await this.output() : { stdout: "", stderr: "" }) };
  }
}
