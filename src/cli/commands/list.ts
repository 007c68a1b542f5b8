import { Code, RundError } from "../../common/error.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { print } from "../print.ts";
import { type ContainerState, stateOf } from "../state_of.ts";
import { table } from "../table.ts";

const usage = {
  name: "rund list",
  synopsis: "[flags]",
  text: "Lists the containers of the command line. Those of containerd are its own: ctr task ls, docker ps.",
  flags: {
    format: {
      type: "string",
      alias: "f",
      choices: ["table", "json"],
      default: "table",
      describe: "what to print",
    },
    quiet: { type: "boolean", alias: "q", describe: "print the IDs alone" },
  },
  examples: [
    ["rund list", ""],
    ["rund list --format json", "for programs"],
  ],
} as const;

export const listCommand = defineCommand(usage, async (flags, _words, context) => {
  const states = await allStates(context);
  if (flags.quiet) print(states.map(({ id }) => `${id}\n`).join(""));
  else if (flags.format === "json") print(`${JSON.stringify(states)}\n`);
  else print(table(["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"], states.map(row)));
  return 0;
});

function row({ id, pid, status, bundle, created, owner }: ContainerState): string[] {
  return [id, String(pid), status, bundle, created, owner];
}

async function allStates({ store, logger }: CommandContext): Promise<ContainerState[]> {
  const states: ContainerState[] = [];
  for (const id of store.ids()) {
    try {
      states.push(stateOf(await store.adopt(id), store));
    } catch (error) {
      const { code, message } = RundError.from(error);
      // It is being made, or was deleted a moment ago.
      if (code !== Code.notFound) logger.warn(`container ${id}: ${message}`);
    }
  }
  return states;
}
