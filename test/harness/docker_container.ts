import { onTestFinished } from "vitest";
import type { CommandOptions } from "./background_command.ts";
import type { CommandResult } from "./command_result.ts";
import type { Docker, DockerRunOptions } from "./docker.ts";

/** What `docker inspect` says of a container's life. Field names are docker's own. */
export interface ContainerState {
  readonly Status: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
  readonly Running: boolean;
  readonly Restarting: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Error: string;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: {
    readonly Status: "starting" | "healthy" | "unhealthy";
    readonly FailingStreak: number;
    readonly Log: readonly { readonly ExitCode: number; readonly Output: string }[];
  };
}

export interface ExecOptions extends CommandOptions {
  /** Flags of `docker exec`. */
  readonly flags?: readonly string[];
}

/** A container on the host's network that is removed when the running test ends. */
export class DockerContainer {
  readonly id: string;
  readonly docker: Docker;

  private constructor(docker: Docker, id: string) {
    this.docker = docker;
    this.id = id;
    onTestFinished(() => docker.remove(id));
  }

  /** `docker run -d` */
  static async start(
    docker: Docker,
    args: readonly string[],
    options: DockerRunOptions = {},
  ): Promise<DockerContainer> {
    return new DockerContainer(docker, await docker.startContainer(args, options));
  }

  /** `docker create` */
  static async create(
    docker: Docker,
    args: readonly string[],
    options: DockerRunOptions = {},
  ): Promise<DockerContainer> {
    const [, ...flags] = docker.runArguments(args, options);
    const { stdout } = await docker.ok(["create", ...flags], options);
    return new DockerContainer(docker, stdout.trim());
  }

  async state(): Promise<ContainerState> {
    return (await this.docker.inspect(this.id))["State"] as ContainerState;
  }

  /** `docker exec`: runs a program in the container to its end. */
  exec(args: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    return this.docker.run(["exec", ...(options.flags ?? []), this.id, ...args], options);
  }

  /** `docker wait`: the exit code, once the container has ended. */
  async wait(): Promise<number> {
    const { stdout } = await this.docker.ok(["wait", this.id]);
    return Number(stdout);
  }

  /** `docker logs`: what the container has written so far, both streams apart. */
  logs(...flags: readonly string[]): Promise<CommandResult> {
    return this.docker.ok(["logs", ...flags, this.id]);
  }

  /** Waits until the container has written a text that matches. */
  async waitForLog(pattern: RegExp): Promise<void> {
    const follow = this.docker.spawn(["logs", "--follow", this.id]);
    try {
      await follow.waitFor(pattern);
    } finally {
      follow.kill();
      await follow.result;
    }
  }
}
