/** The command line of this very program, to be run again: compiled, or by Node from its sources. */
export function ownProgram(): readonly [program: string, ...args: string[]] {
  const isCompiled = import.meta.url.includes("$bunfs") || import.meta.url.includes("~BUN");
  return isCompiled ? [process.execPath] : [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
}
