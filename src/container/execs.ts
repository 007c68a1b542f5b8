import { Code, RundError } from "../common/error.ts";
import { awaitReaders } from "../io/await_readers.ts";
import type { StdioUris } from "../io/stdio.ts";
import type { ProcessExit } from "../jail/jailed_process.ts";
import type { Bundle } from "../oci/bundle.ts";
import type { Process } from "../oci/spec.ts";
import type { ContainerContext } from "./container_context.ts";
import { ContainerProcess, type LocalConnection } from "./container_process.ts";
import type { Jail } from "./jail.ts";

/** What is asked for. */
export interface ExecRequest {
  readonly id: string;
  readonly document: Process;
  readonly uris: StdioUris;
  /** How it hangs on this process, for one who is not served by the URIs. */
  readonly local?: LocalConnection | undefined;
}

/** The execs of a container. */
export class Execs {
  readonly #jail: Jail;
  readonly #bundle: Bundle;
  readonly #context: ContainerContext;
  readonly #processes = new Map<string, ContainerProcess>();
  /** Ends of launched ones that have not been published yet. */
  readonly #ends = new Set<Promise<void>>();

  constructor(jail: Jail, bundle: Bundle, context: ContainerContext) {
    this.#jail = jail;
    this.#bundle = bundle;
    this.#context = context;
  }

  /** @throws RundError notFound */
  get(id: string): ContainerProcess {
    const exec = this.#processes.get(id);
    if (exec === undefined) throw new RundError(Code.notFound, `exec ${id}: not found`);
    return exec;
  }

  has(id: string): boolean {
    return this.#processes.has(id);
  }

  all(): readonly ContainerProcess[] {
    return [...this.#processes.values()];
  }

  /**
   * Adds one, which waits for its start.
   * @throws RundError invalidArgument or failedPrecondition for what the jail cannot run
   */
  add({ id, document, uris, local }: ExecRequest): void {
    // runc makes a missing working directory only for the init: an exec must not change the container's files.
    const options = { ...this.#jail.launchOptions(document), requireCwd: true };
    const owner = { ...this.#context, folder: this.#bundle.folder };
    const exec = new ContainerProcess(id, uris, options, owner, local);
    this.#processes.set(id, exec);
    // The client takes a while until it asks for the start, which then has less to do and tells what went wrong here.
    exec.open().catch(() => {});
  }

  /**
   * Starts one. When its program is not even there it stays as created as it was.
   * @throws RundError failedPrecondition when it was started before; what exec answered
   */
  async start(exec: ContainerProcess): Promise<void> {
    // Before anything is touched: what a failed launch lets go of would be the running process's own.
    exec.assertStartable();
    await exec.open();
    try {
      await exec.launchAndStart();
    } catch (error) {
      await exec.discard();
      throw error;
    }
  }

  /** Has the end of a started one published, once clients have had time to read what it wrote. */
  follow(exec: ContainerProcess, publish: (exit: ProcessExit) => void): void {
    const published = this.#publishEnd(exec, publish);
    this.#ends.add(published);
    void published.finally(() => this.#ends.delete(published));
  }

  /** Lets go of those that were never started: from now on none may be. */
  discardCreated(): void {
    for (const exec of this.all()) if (exec.state === "created") void exec.discard();
  }

  remove(id: string): void {
    this.#processes.delete(id);
  }

  /** Resolves when the ends of all that were launched so far have been published. */
  async published(): Promise<void> {
    await Promise.all(this.#ends);
  }

  async #publishEnd(exec: ContainerProcess, publish: (exit: ProcessExit) => void): Promise<void> {
    const exit = await exec.ended;
    await exec.startSettled;
    await awaitReaders(exec.writtenOutputs, this.#context.logger);
    publish(exit);
  }
}
