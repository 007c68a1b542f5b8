import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { SavedState } from "../../../src/container/state_file.ts";
import { socketPath } from "../../../src/shim/socket_address.ts";
import { shimPids } from "../../e2e/support/host_processes.ts";
import { path } from "../../e2e/support/jail_spec.ts";
import { ociAny } from "../../harness/api_types.ts";
import type { BackgroundCommand } from "../../harness/background_command.ts";
import type { Daemons } from "../../harness/daemons.ts";
import { uniqueId } from "../../harness/unique_id.ts";
import { type Fate, programs } from "./fate.ts";

/** How long a client may take to come back, whatever was killed under it, and how long the cleaning up, in milliseconds. */
const patience = 30_000;

/** Between two looks whether somebody is there. */
const pause = 5;

/** One container that lives and ends as its fate says, by way of a `ctr run` of its own. */
export class ChurnedContainer {
  readonly id: string;
  readonly fate: Fate;
  readonly #world: Daemons;
  readonly #client: BackgroundCommand;
  readonly #bundle: string;
  #clientEnded = false;

  constructor(world: Daemons, fate: Fate) {
    // What is left behind is named by the id.
    this.id = uniqueId(`churn-${fate.victim}-${fate.delay}ms`);
    this.fate = fate;
    this.#world = world;
    this.#bundle = `${world.containerd.state}/io.containerd.runtime.v2.task/${world.ctr.namespace}/${this.id}`;
    const options = {
      id: this.id,
      flags: ["--fifo-dir", `${world.folder}/fifos`],
      ...(fate.root === "folder" && { rootfs: world.rootfs }),
    };
    const args = world.ctr.runArguments(["sh", "-c", programs[fate.program]], options, "--rm");
    this.#client = world.ctr.spawn(args, { input: "", timeout: patience });
  }

  /** To the end, and until nothing of it is known to containerd; rejects with what went otherwise than it must. */
  async live(): Promise<void> {
    const { victim } = this.fate;
    const ended = this.#client.result.finally(() => {
      this.#clientEnded = true;
    });
    const [{ exitCode, stdout, stderr }] = await Promise.all([ended, this.#strike(), this.#addExec()]);
    if (victim === "nobody" && (exitCode !== 7 || stdout !== "out\n")) {
      throw new Error(`exit code ${exitCode}, output ${JSON.stringify(stdout)}, ${stderr}`);
    }
    if (exitCode === 0) throw new Error(`exit code 0 of a container that never ends with it: ${stderr}`);
    await this.#tidy();
    if (stderr.includes("start failed")) await this.#replaceSocket();
  }

  async #strike(): Promise<void> {
    const { victim, signal } = this.fate;
    if (victim === "nobody") return;
    await delay(this.fate.delay);
    if (victim === "client") this.#client.kill(signal);
    if (victim === "task") await this.#until(() => this.#killTask());
    if (victim === "init") await this.#until(() => kill(this.#initPid(), signal));
    if (victim === "shim") await this.#until(() => kill(this.#shimPid(), signal));
    // A signal that the init ignores, or that hits a client which hands it on, ends nothing.
    if (signal === "SIGTERM" && victim !== "shim") await this.#until(() => this.#killTask());
  }

  async #addExec(): Promise<void> {
    if (!this.fate.hasExec) return;
    const process = { args: ["sleep", "1000"], cwd: "/", env: [path], user: { uid: 0, gid: 0 } };
    const request = { containerId: this.id, execId: `${this.id}-exec` };
    await this.#until(async () => {
      if (this.#initPid() === 0) return false;
      const { tasks } = this.#world.api;
      const added = tasks.exec({ ...request, spec: ociAny("Process", process) });
      // Too early or too late, mostly.
      await added.then(() => tasks.start(request)).catch(ignore);
      return true;
    });
  }

  /** Tries until it is done or the client has ended, after which nobody comes any more. */
  async #until(attempt: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await attempt()) && !this.#clientEnded) await delay(pause);
  }

  #killTask(): Promise<boolean> {
    const request = { containerId: this.id, signal: 9, all: true };
    return this.#world.api.tasks.kill(request).then(
      () => true,
      () => false,
    );
  }

  #initPid(): number {
    try {
      return (JSON.parse(readFileSync(`${this.#bundle}/rund.json`, "utf8")) as SavedState).pid;
    } catch {
      return 0;
    }
  }

  #shimPid(): number {
    // The table of all processes is long; without this file there is nobody in it.
    return existsSync(`${this.#bundle}/address`) ? (shimPids(this.id)[0] ?? 0) : 0;
  }

  /**
   * A shim that was killed before containerd had connected to it is not known to anybody, so nobody calls its `delete`,
   * and its socket stays, as that of runc's shim does. It is in nobody's way: the next shim of the name takes its place.
   */
  async #replaceSocket(): Promise<void> {
    const { ctr, containerd } = this.#world;
    const socket = socketPath(containerd.address, ctr.namespace, this.id);
    if (!existsSync(socket)) return;
    const { exitCode, stderr } = await ctr.runContainer(["sh", "-c", programs.short], { id: this.id });
    if (exitCode !== 7) throw new Error(`after a shim that was lost: exit code ${exitCode}, ${stderr}`);
  }

  /** What a killed client has left, which nobody but another client can remove. */
  async #tidy(): Promise<void> {
    const { api, ctr } = this.#world;
    const request = { containerId: this.id };
    const deadline = performance.now() + patience;
    // A client that went away in the middle of a call leaves containerd at work on it.
    while (existsSync(this.#bundle)) {
      if (performance.now() > deadline) throw new Error("the task cannot be removed");
      await api.tasks.kill({ ...request, signal: 9, all: true }).catch(ignore);
      await api.tasks.delete(request).catch(ignore);
      await delay(pause);
    }
    await api.containers.delete({ id: this.id }).catch(ignore);
    if (this.fate.root === "image" && this.fate.victim === "client") {
      await ctr.run(["snapshot", "rm", this.id]);
    }
  }
}

/** Whether the signal was sent: 0 is nobody, and somebody who was there may have gone. */
function kill(pid: number, signal: NodeJS.Signals): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

function ignore(): void {}
