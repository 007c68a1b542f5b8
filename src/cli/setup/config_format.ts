import type { ConfigPath, ConfigValue } from "./config_value.ts";

/** How to read and change a file without losing what else stands in it. Texts that cannot be read throw invalidArgument. */
export interface ConfigFormat {
  parse(text: string): ConfigValue;
  /**
   * The text with the value at the path; undefined takes it away. What stands elsewhere stays as it is, comments and all.
   * @throws RundError failedPrecondition where the text cannot be changed so that it means just that
   */
  change(text: string, path: ConfigPath, value: ConfigValue | undefined): string;
}
