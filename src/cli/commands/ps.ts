import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Code, RundError, systemError } from "../../common/error.ts";
import { defineCommand } from "../command.ts";
import { print } from "../print.ts";
import { firstWord } from "../words.ts";

const usage = {
  name: "rund ps",
  synopsis: "[flags] ID [PS-OPTION ...]",
  text: "Lists the processes of a container: all whose root directory is its jail.",
  flags: {
    format: {
      type: "string",
      alias: "f",
      choices: ["table", "json"],
      default: "table",
      describe: "what to print",
    },
  },
  examples: [
    ["rund ps one", "as ps -ef shows them"],
    ["rund ps one -o pid,pcpu,args", "as ps shows them with other options; PID must be among the columns"],
    ["rund ps --format json one", "their ids alone"],
  ],
} as const;

export const psCommand = defineCommand(usage, async (flags, words, { store }) => {
  const [id, ...options] = firstWord(usage.name, "the container's ID", words);
  const container = await store.adopt(id);
  const ended = container.init.state === "stopped";
  const pids = ended ? [] : (await container.pids()).map(({ pid }) => pid).sort((a, b) => a - b);
  if (flags.format === "json") print(`${JSON.stringify(pids)}\n`);
  else print(ofProcesses(await ps(options.length > 0 ? options : ["-ef"]), pids));
  return 0;
});

async function ps(options: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)("ps", options, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    throw systemError(`ps ${options.join(" ")}`, error);
  }
}

/** The head of what ps prints, and the lines of these processes. */
function ofProcesses(text: string, pids: readonly number[]): string {
  const [head = "", ...lines] = text.trimEnd().split("\n");
  const column = head.trim().split(/\s+/).indexOf("PID");
  if (column < 0) throw new RundError(Code.invalidArgument, "ps: there is no PID among its columns");
  const wanted = lines.filter((line) => pids.includes(Number(line.trim().split(/\s+/)[column])));
  return [head, ...wanted].map((line) => `${line}\n`).join("");
}
