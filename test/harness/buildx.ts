import { mkdir } from "node:fs/promises";
import type { CommandOptions } from "./background_command.ts";
import { CommandLine } from "./command_line.ts";
import type { CommandResult } from "./command_result.ts";
import { dockerTools } from "./tools.ts";
import { usualDocker } from "./versions.ts";

/**
 * `docker buildx` with one builder. The plugin is called by itself, as it can be: docker in front of it starts two more
 * processes for each build.
 */
export class Buildx extends CommandLine {
  private constructor(buildx: string, env: Readonly<Record<string, string>>, network?: string) {
    const inside = network === undefined ? [] : ["nsenter", `--net=${network}`];
    const [program = buildx, ...prefix] = [...inside, buildx];
    super(program, prefix, { DOCKER_CLI_HINTS: "false", NO_COLOR: "1", ...env });
  }

  /**
   * `env` names the client's own settings, so that a user's play no part, the builder, and dockerd if that is it;
   * `network` is a network namespace for the client, as a file.
   */
  static async open(env: Readonly<Record<string, string>>, network?: string): Promise<Buildx> {
    const { plugins } = await dockerTools(usualDocker());
    return new Buildx(`${plugins}/docker-buildx`, env, network);
  }

  /**
   * Without a builder yet, and with settings of its own in a folder. No dockerd is asked: one of the machine's own must
   * play no part either.
   */
  static async offline(settings: string, env = {}, network?: string): Promise<Buildx> {
    await mkdir(settings, { recursive: true });
    const nowhere = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };
    return Buildx.open({ DOCKER_CONFIG: settings, ...nowhere, ...env }, network);
  }

  /** With a buildkitd as builder, in place of a dockerd; `address` is `unix://PATH` or `tcp://HOST:PORT`. */
  static async remote(address: string, settings: string): Promise<Buildx> {
    const buildx = await Buildx.offline(settings, { BUILDX_BUILDER: "rund-test" });
    await buildx.ok(["create", "--driver", "remote", "--name", "rund-test", address]);
    return buildx;
  }

  /** The same client in another process of the run. */
  static from({ program, env }: Pick<Buildx, "program" | "env">): Buildx {
    return new Buildx(program, env);
  }

  /** Builds the folder, with the whole output of each step as lines on stderr; any exit code is a result. */
  build(context: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<CommandResult> {
    return this.run(this.buildArguments(context, args), { timeout: 120_000, ...options });
  }

  /** The arguments of a build, for {@link spawn} and {@link ok}. */
  buildArguments(context: string, args: readonly string[] = []): string[] {
    return ["build", "--progress=plain", "--provenance=false", ...args, context];
  }
}
