import { defineCommand } from "../command.ts";
import { print } from "../print.ts";
import { stateOf } from "../state_of.ts";
import { onlyWord } from "../words.ts";

const usage = {
  name: "rund state",
  synopsis: "ID",
  text: "Prints the state of a container as JSON.",
  flags: {},
  examples: [["rund state one", ""]],
} as const;

export const stateCommand = defineCommand(usage, async (_flags, words, { store }) => {
  const id = onlyWord(usage.name, "the container's ID", words);
  const state = stateOf(await store.adopt(id), store);
  print(`${JSON.stringify(state, undefined, 2)}\n`);
  return 0;
});
