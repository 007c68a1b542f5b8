import { defineCommand } from "../command.ts";
import { onlyWord } from "../words.ts";

const usage = {
  name: "rund start",
  synopsis: "ID",
  text: "Starts the program of a created container.",
  flags: {},
  examples: [["rund start one", "starts container one"]],
} as const;

export const startCommand = defineCommand(usage, async (_flags, words, { store, logger }) => {
  const container = await store.adopt(onlyWord(usage.name, "the container's ID", words), logger);
  await container.start("");
  return 0;
});
