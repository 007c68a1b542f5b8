import type { InferredOptionTypes } from "yargs";
import { Code, RundError } from "../common/error.ts";
import { type Flags, parseArguments, type Usage } from "./arguments.ts";
import type { ContainerStore } from "./container_store.ts";
import type { CommandLogger } from "./logger.ts";
import { print } from "./print.ts";

/** What every command is given. */
export interface CommandContext {
  readonly store: ContainerStore;
  readonly logger: CommandLogger;
}

/** One command of `rund`: does its work on the arguments behind its name, and answers what the program exits with. */
export type Command = (args: readonly string[], context: CommandContext) => Promise<number>;

/** What the program exits with; 0 when nothing is said. */
type Body<F extends Flags> = (
  flags: InferredOptionTypes<F>,
  words: readonly string[],
  context: CommandContext,
) => Promise<number | undefined> | number | undefined;

/** Makes a command of its usage and of what it does once its arguments are read. */
export function defineCommand<const F extends Flags>(usage: Usage<F>, body: Body<F>): Command {
  return async (args, context) => {
    const { flags, words, help } = await parseArguments(args, usage);
    if (help !== undefined) {
      print(help);
      return 0;
    }
    if (!usage.anyUser) assertRoot();
    return (await body(flags, words, context)) ?? 0;
  };
}

function assertRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new RundError(Code.permissionDenied, "only root can make jails and look into them: use sudo");
}
