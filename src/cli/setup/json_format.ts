import { Code, RundError } from "../../common/error.ts";
import type { ConfigFormat } from "./config_format.ts";
import { type ConfigPath, type ConfigValue, withValue } from "./config_value.ts";

/** dockerd's daemon.json. It can have no comments, so it is written anew, with the indentation that it has. */
export const jsonFormat: ConfigFormat = {
  parse,
  change(text: string, path: ConfigPath, value: ConfigValue | undefined): string {
    const changed = withValue(parse(text), path, value) ?? {};
    return `${JSON.stringify(changed, undefined, indentation(text))}\n`;
  },
};

function parse(text: string): ConfigValue {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as ConfigValue;
  } catch (error) {
    throw new RundError(Code.invalidArgument, `not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function indentation(text: string): string {
  return /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
}
