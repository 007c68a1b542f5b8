import { Code, RundError } from "../common/error.ts";
import { type LogLevel, logLevels } from "../common/log_line.ts";

/** What containerd, or `start`, calls the shim with. */
export interface ShimArguments {
  /** `start`, `delete` or our own `daemon`; "" when only flags were given. */
  readonly action: string;
  readonly namespace: string;
  readonly id: string;
  /** Path of containerd's gRPC socket. */
  readonly address: string;
  /** Absolute path of the bundle, "" before containerd 2.3 at start: the working directory is the bundle then. */
  readonly bundle: string;
  /** `debug` with `-debug`; the daemon is told any. */
  readonly logLevel: LogLevel;
  /** Path of the shim's socket, which only the daemon is told. */
  readonly socket: string;
  readonly version: boolean;
  readonly info: boolean;
}

const textFlags = [
  "namespace",
  "id",
  "address",
  "bundle",
  "publish-binary",
  "socket",
  "debug-socket",
  "log-level",
] as const;
const switches = ["debug", "v", "version", "info"] as const;

/**
 * Reads the arguments by the rules of Go's flag package, which containerd writes them for: one dash or two,
 * `-flag value` or `-flag=value`, and the first word that is no flag is the action.
 * @throws RundError invalidArgument for a flag it does not know or one without its value
 */
export function parseShimArguments(args: readonly string[]): ShimArguments {
  const texts = new Map<string, string>();
  const set = new Set<string>();
  let action = "";
  for (let index = 0; index < args.length; index++) {
    const [, name, value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(args[index] ?? "") ?? [];
    if (name === undefined) {
      action = args[index] ?? "";
      break;
    }
    if (isOneOf(textFlags, name)) texts.set(name, value ?? args[++index] ?? missingValue(name));
    else if (isOneOf(switches, name)) switchFlag(set, name, value);
    else throw new RundError(Code.invalidArgument, `flag provided but not defined: -${name}`);
  }
  return {
    action,
    namespace: texts.get("namespace") ?? "",
    id: texts.get("id") ?? "",
    address: texts.get("address") ?? "",
    bundle: texts.get("bundle") ?? "",
    logLevel:
      logLevels.find((level) => level === texts.get("log-level")) ?? (set.has("debug") ? "debug" : "info"),
    socket: texts.get("socket") ?? "",
    version: set.has("v") || set.has("version"),
    info: set.has("info"),
  };
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function switchFlag(set: Set<string>, name: string, value: string | undefined): void {
  if (value === "false" || value === "0") set.delete(name);
  else set.add(name);
}

function missingValue(name: string): never {
  throw new RundError(Code.invalidArgument, `flag needs an argument: -${name}`);
}

/** The id and namespace become names of files and sockets; containerd allows no others (its identifiers package). */
const identifier = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

/** @throws RundError invalidArgument unless `value` is a name that containerd would take */
export function assertIdentifier(what: string, value: string): void {
  if (value.length <= 76 && identifier.test(value)) return;
  throw new RundError(
    Code.invalidArgument,
    `${what} ${JSON.stringify(value)}: must be letters, digits, "." "_" or "-"`,
  );
}
