import { execa } from "execa";

export interface CommandHelp {
  readonly name: string;
  readonly summary: string;
  /** What `rund NAME --help` prints. */
  readonly text: string;
  readonly flags: readonly string[];
}

export interface ProgramHelp {
  /** What `rund --help` prints. */
  readonly text: string;
  readonly flags: readonly string[];
  readonly commands: readonly CommandHelp[];
}

/** What a built `rund` says of itself: man pages and completions are made from it, so that they cannot lie. */
export async function readHelp(program: string): Promise<ProgramHelp> {
  // Commands that are only there to be refused have no help.
  const help = async (...args: string[]) =>
    (await execa(program, [...args, "--help"], { reject: false })).stdout;
  const text = await help();
  const [, list = ""] = /^Commands [^\n]*:\n([\s\S]*?)\n\n/m.exec(text) ?? [];
  const lines = [...list.matchAll(/^ {2}(\S+) +(.*)$/gm)];
  const commands = lines.map(async ([, name = "", summary = ""]): Promise<CommandHelp> => {
    const own = await help(name);
    return { name, summary, text: own, flags: flagsIn(own) };
  });
  const all = await Promise.all(commands);
  return { text, flags: flagsIn(text), commands: all.filter((command) => command.text !== "") };
}

function flagsIn(text: string): string[] {
  return [...text.matchAll(/^ +(?:-\w, )?--([a-z][\w-]*)/gm)].map(([, name = ""]) => name);
}
