import { BackgroundCommand, type CommandOptions } from "./background_command.ts";
import type { CommandResult } from "./command_result.ts";
import { type PtyOptions, PtySession } from "./pty_session.ts";

/** A program with arguments and environment that every call of it shares, such as the daemon's address. */
export class CommandLine {
  readonly program: string;
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;

  constructor(program: string, prefix: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.program = program;
    this.prefix = prefix;
    this.env = env;
  }

  /** Starts the command and leaves it running; its standard input stays open. */
  spawn(args: readonly string[], options: CommandOptions = {}): BackgroundCommand {
    return new BackgroundCommand(this.program, [...this.prefix, ...args], this.#with(options));
  }

  /** Runs the command to its end with the given, or an empty, input; any exit code is a result. */
  run(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.spawn(args, { input: "", ...options }).result;
  }

  /** Like {@link run}, and rejects with what the command said when its exit code is not 0. */
  async ok(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const result = await this.run(args, options);
    if (result.exitCode === 0) return result;
    throw new Error(
      `${this.program} ${args.join(" ")}: exit code ${result.exitCode}\n${result.stdout}${result.stderr}`,
    );
  }

  /** Starts the command on a terminal of its own. */
  pty(args: readonly string[], options: PtyOptions = {}): PtySession {
    return new PtySession(this.program, [...this.prefix, ...args], this.#with(options));
  }

  #with<T extends CommandOptions>(options: T): T {
    return { ...options, env: { ...this.env, ...options.env } };
  }
}
