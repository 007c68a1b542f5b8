import { canPause, canResume } from "../../container/state.ts";
import { assertState } from "../assert_state.ts";
import { defineCommand } from "../command.ts";
import { onlyWord } from "../words.ts";

const pauseUsage = {
  name: "rund pause",
  synopsis: "ID",
  text: "Stops every process of a container, until rund resume.",
  flags: {},
  examples: [["rund pause one", ""]],
} as const;

export const pauseCommand = defineCommand(pauseUsage, async (_flags, words, { store, logger }) => {
  const container = await store.adopt(onlyWord(pauseUsage.name, "the container's ID", words), logger);
  assertState(container, canPause, "container not running");
  await container.pause();
  return 0;
});

const resumeUsage = {
  name: "rund resume",
  synopsis: "ID",
  text: "Lets the processes of a paused container go on.",
  flags: {},
  examples: [["rund resume one", ""]],
} as const;

export const resumeCommand = defineCommand(resumeUsage, async (_flags, words, { store, logger }) => {
  const container = await store.adopt(onlyWord(resumeUsage.name, "the container's ID", words), logger);
  assertState(container, canResume, "container not paused");
  await container.resume();
  return 0;
});
