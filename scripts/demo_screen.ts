import { readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import type { CommandLine } from "../test/harness/command_line.ts";
import type { CommandResult } from "../test/harness/command_result.ts";
import { Ctr } from "../test/harness/ctr.ts";

const colours = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
const bold = colours ? "\x1b[1m" : "";
const blue = colours ? "\x1b[34m" : "";
const plain = colours ? "\x1b[0m" : "";

/** What the demo prints: chapters, remarks, commands as a person would type them, and their output. */
export class DemoScreen {
  chapter(title: string): void {
    console.log(`\n${blue}==>${plain} ${bold}${title}${plain}`);
  }

  say(text: string): void {
    console.log(text);
  }

  /** Runs a command and prints it, without the addresses of the private daemons, with what it says. */
  async show(command: CommandLine, args: readonly string[]): Promise<void> {
    const { stdout, stderr } = await this.showOnly(command, args);
    for (const text of [stdout, stderr]) {
      if (text.trim() !== "") console.log(text.replace(/\s+$/, ""));
    }
  }

  /** Runs a command and prints it without what it says; rejects when it fails. */
  showOnly(command: CommandLine, args: readonly string[]): Promise<CommandResult> {
    this.#prompt(command, args);
    return command.ok(args);
  }

  #prompt(command: CommandLine, args: readonly string[]): void {
    const name = command instanceof Ctr ? "ctr" : basename(command.program);
    console.log(`${blue}$${plain} ${bold}${[name, ...args.map(quote)].join(" ")}${plain}`);
  }

  /** Shows that a container's process is one of the host's own, and where its root is. */
  async showHostView(pid: number): Promise<void> {
    const arguments_ = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").join(" ").trim();
    console.log(`On the host that is process ${pid}, "${arguments_}", whose root directory is`);
    console.log(`  ${await readlink(`/proc/${pid}/root`)}`);
  }
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
