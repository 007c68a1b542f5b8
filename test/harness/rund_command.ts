import { writeFile } from "node:fs/promises";
import { shimFolder } from "./project_paths.ts";

/** Where, in a harness folder, the jails of its {@link rundCommand} have their state. */
export const jailsFolder = (folder: string): string => `${folder}/jails`;

/**
 * A command for clients that know no `--root`: rund with the state of its jails in a harness folder, where the census and the
 * reaper look, and not where other tests' are. The result is its path.
 */
export async function rundCommand(folder: string): Promise<string> {
  const command = `${folder}/rund`;
  const script = `#!/bin/sh\nexec ${shimFolder()}/rund --root ${jailsFolder(folder)} "$@"\n`;
  await writeFile(command, script, { mode: 0o755 });
  return command;
}
