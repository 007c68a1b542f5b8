import { readFileSync } from "node:fs";
import { errnoOf, RundError, systemError } from "../../common/error.ts";
import { type ConfigPath, type ConfigValue, isSame, valueAt } from "./config_value.ts";
import {
  configFormat,
  type SetupChoices,
  type SetupHost,
  settingsFor,
  type TargetName,
} from "./setup_target.ts";

/** One value that is changed. `before` is undefined where there was none. */
export interface ConfigChange {
  readonly path: ConfigPath;
  readonly before?: ConfigValue;
  readonly after: ConfigValue;
  readonly purpose: string;
}

/** What is going to become of one file. */
export interface SetupPlan {
  readonly target: TargetName;
  readonly file: string;
  /** Undefined when there is no file. */
  readonly before: string | undefined;
  readonly after: string;
  /** Empty when all of it stands there already. */
  readonly changes: readonly ConfigChange[];
}

/**
 * Reads a daemon's file and says what has to change; writes nothing.
 * @throws RundError that names the file: not to be read, not in its format, or not to be changed safely
 */
export async function planSetup(
  target: TargetName,
  file: string,
  host: SetupHost,
  choices: SetupChoices,
): Promise<SetupPlan> {
  const format = await configFormat(target);
  const before = readIfThere(file);
  try {
    const current = format.parse(before ?? "");
    const changes = settingsFor(target, current, host, choices).flatMap(
      ({ path, value, purpose }): ConfigChange[] => {
        const there = valueAt(current, path);
        if (isSame(there, value)) return [];
        return [{ path, after: value, purpose, ...(there !== undefined && { before: there }) }];
      },
    );
    const after = changes.reduce((text, { path, after }) => format.change(text, path, after), before ?? "");
    return { target, file, before, after, changes };
  } catch (error) {
    const { code, message } = RundError.from(error);
    throw new RundError(code, `${file}: ${message}`, { cause: error });
  }
}

/** @throws RundError when the file is there and cannot be read */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw systemError(file, error);
  }
}
