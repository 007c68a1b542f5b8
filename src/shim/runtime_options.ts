import { readFileSync } from "node:fs";
import { Code, RundError, systemError } from "../common/error.ts";
import { type Isolation, parseIsolation } from "../container/isolation.ts";
import { anyIs, unpackAny } from "../proto/any.ts";
import type { Any } from "../proto/generated/google/protobuf/any.ts";
import { Options } from "../proto/generated/runtimeoptions/v1/options.ts";

/** What a runtime's options can say; the words of the annotations without their prefix. */
export interface RuntimeOptions {
  readonly isolation?: Isolation;
}

/**
 * The options that Create carries. Runtimes that containerd does not know have a file or its content in theirs: ctr's
 * `--runtime-config-path`, `options` of dockerd's runtimes and of buildkitd's worker. It is JSON, as `{"isolation":"user"}`.
 * Options of another type are another runtime's, and mean nothing here.
 * @throws RundError invalidArgument that names the file and what is wrong in it
 */
export function runtimeOptions(options: Any): RuntimeOptions {
  if (!anyIs(options, Options)) return {};
  const { configPath, configBody } = unpackAny(options, Options);
  if (configBody.length > 0) return parse("runtime options", new TextDecoder().decode(configBody));
  return configPath === "" ? {} : parse(configPath, readText(configPath));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw systemError(`runtime options: open ${path}`, error);
  }
}

function parse(subject: string, text: string): RuntimeOptions {
  const { isolation, ...others } = parseObject(subject, text);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new RundError(Code.invalidArgument, `${subject}: unknown "${unknown}"`);
  return isolation === undefined ? {} : { isolation: parseIsolation(`${subject}: isolation`, isolation) };
}

function parseObject(subject: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RundError(Code.invalidArgument, `${subject}: not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new RundError(Code.invalidArgument, `${subject}: must be an object`);
}
