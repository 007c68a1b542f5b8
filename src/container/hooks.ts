import { RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import type { Bundle } from "../oci/bundle.ts";
import type { HookPoint } from "../oci/hook_points.ts";
import type { Hook } from "../oci/spec.ts";
import { type Status, stateDocument } from "../oci/state_document.ts";
import type { LaunchOptions } from "./container_process.ts";
import { runHostHook } from "./host_hook.ts";
import { runJailHook } from "./jail_hook.ts";

/**
 * The hooks of one container. All run on the host but `startContainer`, which runs in the jail, in the place of the
 * container's program: without namespaces, "the container's namespace" of the specification is its root directory, and
 * `createContainer` is to run before that is entered.
 */
export class Hooks {
  readonly #bundle: Bundle;
  readonly #id: string;
  readonly #logger: Logger;

  constructor(bundle: Bundle, id: string, logger: Logger) {
    this.#bundle = bundle;
    this.#id = id;
    this.#logger = logger;
  }

  /**
   * What runs while the init stands at the launcher's gate for the first time: mounts and its pid are there.
   * @throws RundError when one fails; those after it do not run
   */
  async create(pid: number): Promise<void> {
    for (const point of ["prestart", "createRuntime", "createContainer"] as const) {
      await this.#run(point, (hook) => this.#onHost(hook, "creating", pid));
    }
  }

  /**
   * What runs in the jail before the program; `launch` is how that is launched.
   * @throws RundError
   */
  startContainer(pid: number, launch: LaunchOptions): Promise<void> {
    const state = stateDocument(this.#bundle, this.#id, "created", pid);
    return this.#run("startContainer", (hook) =>
      runJailHook(hook, { state, folder: this.#bundle.folder, launch }),
    );
  }

  /**
   * What runs when the program has been started.
   * @throws RundError
   */
  poststart(pid: number): Promise<void> {
    return this.#run("poststart", (hook) => this.#onHost(hook, "running", pid));
  }

  /** What runs when the container is gone. One that fails is logged; `limit` is in milliseconds for each. */
  async poststop(limit?: number): Promise<void> {
    for (const hook of this.#at("poststop")) {
      try {
        await this.#named("poststop", hook, this.#onHost(hook, "stopped", 0, limit));
      } catch (error) {
        this.#logger.warn(RundError.from(error).message);
      }
    }
  }

  #at(point: HookPoint): readonly Hook[] {
    return this.#bundle.spec.hooks?.[point] ?? [];
  }

  async #run(point: HookPoint, run: (hook: Hook) => Promise<void>): Promise<void> {
    for (const hook of this.#at(point)) await this.#named(point, hook, run(hook));
  }

  #onHost(hook: Hook, status: Status, pid: number, limit?: number): Promise<void> {
    const state = stateDocument(this.#bundle, this.#id, status, pid);
    return runHostHook(hook, { state, cwd: this.#bundle.path, ...(limit !== undefined && { limit }) });
  }

  async #named(point: HookPoint, hook: Hook, run: Promise<void>): Promise<void> {
    try {
      await run;
    } catch (error) {
      const { code, message } = RundError.from(error);
      throw new RundError(code, `hook ${point} ${hook.path}: ${message}`, { cause: error });
    }
  }
}
