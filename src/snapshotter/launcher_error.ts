import { Code, RundError } from "../common/error.ts";
import type { LauncherResult } from "../platform/run_launcher.ts";

/** What a command of the launcher printed, from its end without success made an error: `NAME subject: reason`. */
export function requireSuccess(result: LauncherResult, subject: string): string {
  if (result.status === 0) return result.stdout.toString();
  const [, code = "", text] = /^(E[A-Z0-9]+) (.*)$/m.exec(result.stderr) ?? [];
  if (text === undefined) {
    const reason = result.stderr.trim() || `the launcher ended with ${result.status}`;
    throw new RundError(Code.internal, `${subject}: ${reason}`);
  }
  throw RundError.from(Object.assign(new Error(`${subject}: ${text}`), { code }));
}
