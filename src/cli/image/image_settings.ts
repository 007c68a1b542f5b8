import { Code, RundError } from "../../common/error.ts";
import type { ImageSettings } from "../../image/image_documents.ts";

export interface SettingsFlags {
  readonly env?: readonly string[] | undefined;
  readonly cmd?: string | undefined;
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly label?: readonly string[] | undefined;
}

const paths: Readonly<Record<string, string>> = {
  darwin: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
  linux: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

/**
 * How containers of an image run, by the flags: with the system's usual PATH unless they name another.
 * @throws RundError invalidArgument
 */
export function imageSettings(flags: SettingsFlags, os: string): ImageSettings {
  const { env = [], cmd, user, workdir, label = [] } = flags;
  const variables = env.map((text) => pair("env", text).join("="));
  const path = variables.some((text) => text.startsWith("PATH=")) ? undefined : paths[os];
  const labels = label.map((text) => pair("label", text)).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    ...(user !== undefined && { User: user }),
    Env: [...(path === undefined ? [] : [`PATH=${path}`]), ...variables],
    ...(cmd !== undefined && { Cmd: command(cmd) }),
    ...(workdir !== undefined && { WorkingDir: workdir }),
    ...(labels.length > 0 && { Labels: Object.fromEntries(labels) }),
  };
}

function pair(flag: string, text: string): [string, string] {
  const index = text.indexOf("=");
  if (index > 0) return [text.slice(0, index), text.slice(index + 1)];
  throw new RundError(Code.invalidArgument, `--${flag} ${text}: must look like NAME=VALUE`);
}

function command(text: string): string[] {
  if (!text.startsWith("[")) return ["/bin/sh", "-c", text];
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  } catch {
    // Said below.
  }
  throw new RundError(Code.invalidArgument, `--cmd ${text}: must be a JSON array of words`);
}
