import { resolve } from "node:path";
import { Code, RundError } from "../common/error.ts";
import { parseArguments } from "./arguments.ts";
import { commands } from "./commands.ts";
import { ContainerStore } from "./container_store.ts";
import { defaultRoot, globalUsage } from "./global_usage.ts";
import { CommandLogger } from "./logger.ts";
import { print } from "./print.ts";
import { versionText } from "./version_text.ts";

/** The `rund` command line: an OCI runtime that is called as runc is. Ends the process. */
export async function runCommandLine(args: readonly string[]): Promise<never> {
  let logger = new CommandLogger({ file: "", format: undefined, debug: false });
  try {
    const { flags, words, help } = await parseArguments(args, globalUsage);
    const [name, ...rest] = words;
    if (flags.version) return finish(versionText());
    if (help !== undefined) return finish(help);
    if (name === undefined || name === "help") return runCommandLine([...rest.slice(0, 1), "--help"]);
    const { log: file = "", "log-format": format, debug = false } = flags;
    logger = new CommandLogger({ file, format, debug });
    process.exit(await runCommand(name, rest, logger, resolve(flags.root ?? defaultRoot())));
  } catch (error) {
    logger.fatal("rund", RundError.from(error).message);
    process.exit(1);
  }
}

function finish(text: string): never {
  print(text);
  process.exit(0);
}

async function runCommand(
  name: string,
  args: readonly string[],
  logger: CommandLogger,
  root: string,
): Promise<number> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    throw new RundError(Code.invalidArgument, `${name}: no such command: see rund --help`);
  }
  try {
    const command = await entry.load();
    return await command(args, { store: new ContainerStore(root), logger });
  } catch (error) {
    logger.fatal(`rund ${name}`, RundError.from(error).message);
    return entry.failure ?? 1;
  }
}
