import type { CommandOptions } from "./background_command.ts";
import { CommandLine } from "./command_line.ts";
import type { CommandResult } from "./command_result.ts";
import { dockerImageName } from "./test_image.ts";

/** `RUND_DOCKER_RUNTIME=runc` runs the same tests on runc, which shows whether a test or rund is wrong. */
const defaultRuntime = process.env["RUND_DOCKER_RUNTIME"] ?? "rund";

export interface DockerRunOptions extends CommandOptions {
  /** More flags of `docker run`. */
  readonly flags?: readonly string[];
  readonly image?: string;
  /** The host's by default, the one that jails have; "" leaves the choice to docker. */
  readonly network?: string;
}

/** The docker client on one daemon, with one runtime. */
export class Docker extends CommandLine {
  readonly socket: string;
  readonly runtime: string;
  readonly #settings: string;

  /** `settings` is the client's own folder, so that a user's settings play no part. */
  constructor(program: string, socket: string, settings: string, runtime = defaultRuntime) {
    const env = { DOCKER_CONFIG: settings, DOCKER_HOST: `unix://${socket}`, DOCKER_CLI_HINTS: "false" };
    super(program, [], env);
    this.socket = socket;
    this.runtime = runtime;
    this.#settings = settings;
  }

  withRuntime(runtime: string): Docker {
    return new Docker(this.program, this.socket, this.#settings, runtime);
  }

  /** The arguments of `docker run`. */
  runArguments(args: readonly string[], options: DockerRunOptions, ...flags: readonly string[]): string[] {
    const image = options.image ?? dockerImageName;
    const network = options.network ?? "host";
    const common = ["--runtime", this.runtime, ...(network === "" ? [] : ["--network", network])];
    return ["run", ...flags, ...common, ...(options.flags ?? []), image, ...args];
  }

  /** Runs a container to its end and removes it: `docker run --rm`. */
  runContainer(args: readonly string[], options: DockerRunOptions = {}): Promise<CommandResult> {
    return this.run(this.runArguments(args, options, "--rm"), options);
  }

  /** Starts a container in the background; its id is the result. */
  async startContainer(args: readonly string[], options: DockerRunOptions = {}): Promise<string> {
    const { stdout } = await this.ok(this.runArguments(args, options, "-d"), options);
    return stdout.trim();
  }

  /** Removes a container with its anonymous volumes, running or not; for clean-up, so it never rejects. */
  async remove(id: string): Promise<void> {
    await this.run(["rm", "--force", "--volumes", id], { timeout: 30_000 }).catch(() => undefined);
  }

  /** What `docker inspect` says of a container. */
  async inspect(id: string): Promise<Record<string, unknown>> {
    const { stdout } = await this.ok(["inspect", id]);
    const [first] = JSON.parse(stdout) as Record<string, unknown>[];
    if (first === undefined) throw new Error(`${id}: docker inspect said nothing`);
    return first;
  }
}
