import yargs, { type InferredOptionTypes, type Options } from "yargs";
import { Code, RundError } from "../common/error.ts";

export type Flags = Readonly<Record<string, Options>>;

/** What may stand on a command line, and what its help says. */
export interface Usage<F extends Flags> {
  /** As it is called: `rund run`. */
  readonly name: string;
  /** What follows the flags, as in `[--bundle DIR] ID`, and below it what the command does. */
  readonly synopsis: string;
  readonly text: string;
  readonly flags: F;
  readonly examples?: readonly (readonly [command: string, purpose: string])[];
  readonly epilogue?: string;
  /** Whether a person without root's rights can do it. */
  readonly anyUser?: boolean;
}

export interface ParsedArguments<F extends Flags> {
  readonly flags: InferredOptionTypes<F>;
  /** From the first word that is no flag on, whatever it looks like: what follows is another program's. */
  readonly words: readonly string[];
  /** The text for people who ask for help; undefined for those who do not. */
  readonly help: string | undefined;
}

const helpFlag = { type: "boolean", alias: "h", describe: "shows this text" } as const;

/**
 * Reads flags the way that runc does, whose callers rely on it: `--flag value`, `--flag=value` or with one dash, and only in
 * front of the first other word.
 * @throws RundError invalidArgument for a flag that there is none of, or that lacks its value
 */
export async function parseArguments<F extends Flags>(
  args: readonly string[],
  usage: Usage<F>,
): Promise<ParsedArguments<F>> {
  const parser = yargs([])
    .scriptName(usage.name)
    .help(false)
    .version(false)
    .exitProcess(false)
    .strictOptions()
    .wrap(120)
    .parserConfiguration(configuration)
    .option("help", helpFlag)
    .options(usage.flags)
    .fail((message, error) => {
      throw new RundError(
        Code.invalidArgument,
        `${reasonOf(message ?? error.message)}: see ${usage.name} --help`,
      );
    });
  for (const [command, purpose] of usage.examples ?? []) parser.example(command, purpose);
  if (usage.epilogue !== undefined) parser.epilogue(usage.epilogue);
  const parsed = await parser.parseAsync(withValues(usage, args));
  const { _: words, help } = parsed;
  return {
    flags: lastValues(parsed, usage),
    words: words.map(String),
    help: help ? await helpText(parser, usage) : undefined,
  };
}

/** In one line, as it goes into logs. */
function reasonOf(message: string): string {
  const [, flag, given, choices] =
    /^Invalid values:\s+Argument: (.*), Given: (.*), Choices: (.*)$/.exec(message) ?? [];
  return choices === undefined ? message : `--${flag} ${given}: must be one of ${choices}`;
}

/** yargs would join the lines of a text that it wraps. */
async function helpText(
  parser: { getHelp(): Promise<string> },
  { name, synopsis, text }: Usage<Flags>,
): Promise<string> {
  return `Usage: ${name} ${synopsis}\n\n${text}\n\n${await parser.getHelp()}\n`;
}

const configuration = {
  "halt-at-non-option": true,
  "camel-case-expansion": false,
  "boolean-negation": false,
  "dot-notation": false,
  "greedy-arrays": false,
  "parse-positional-numbers": false,
} as const;

/**
 * Flags in the one form that yargs cannot misread, up to the first other word: Go's may have one dash, a value may look like a
 * flag, and a word behind a switch is not its value.
 */
function withValues({ name: command, flags: own }: Usage<Flags>, args: readonly string[]): string[] {
  const flags: Flags = { ...own, help: helpFlag };
  const result: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (!/^-[^-]|^--./.test(arg)) return [...result, ...args.slice(index)];
    const [, word = "", given] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const name = Object.keys(flags).find((flag) => flag === word || flags[flag]?.alias === word);
    if (name === undefined) {
      result.push(arg);
      continue;
    }
    const type = flags[name]?.type;
    const value = given ?? (type === "boolean" ? "true" : args[++index]);
    result.push(`--${name}=${assertValue(value, type, `--${name}`, command)}`);
  }
  return result;
}

function assertValue(
  value: string | undefined,
  type: Options["type"],
  flag: string,
  command: string,
): string {
  const reason = value === undefined ? "needs a value" : "must be a number";
  if (value !== undefined && (type !== "number" || /^-?\d+$/.test(value))) return value;
  throw new RundError(Code.invalidArgument, `${flag}: ${reason}: see ${command} --help`);
}

/** Of a flag that is given twice, the last counts. */
function lastValues<F extends Flags>(parsed: object, usage: Usage<F>): InferredOptionTypes<F> {
  const entries = Object.entries(parsed).map(([name, value]) => {
    return [name, Array.isArray(value) && usage.flags[name]?.array !== true ? value.at(-1) : value];
  });
  return Object.fromEntries(entries) as InferredOptionTypes<F>;
}
