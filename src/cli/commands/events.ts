import { setTimeout as delay } from "node:timers/promises";
import { Code, RundError } from "../../common/error.ts";
import { defineCommand } from "../command.ts";
import { duration } from "../duration.ts";
import { print } from "../print.ts";
import { statsEvent } from "../stats_event.ts";
import { onlyWord } from "../words.ts";

const usage = {
  name: "rund events",
  synopsis: "[flags] ID",
  text: "Prints what a container uses, as one line of JSON each time, until it ends.",
  flags: {
    interval: {
      type: "string",
      default: "5s",
      describe: "time from one line to the next, as in 500ms, 5s or 1m",
    },
    stats: { type: "boolean", describe: "print one line and end" },
  },
  examples: [
    ["rund events --stats one", "what it uses now"],
    ["rund events --interval 1s one", "each second"],
  ],
} as const;

export const eventsCommand = defineCommand(usage, async (flags, words, { store }) => {
  const id = onlyWord(usage.name, "the container's ID", words);
  const interval = duration("--interval", flags.interval);
  const container = await store.adopt(id);
  if (container.init.state === "stopped") {
    throw new RundError(Code.failedPrecondition, `container with id ${id} is not running`);
  }
  do {
    print(`${JSON.stringify(statsEvent(id, await container.usage()))}\n`);
    if (flags.stats) return 0;
    await delay(interval);
  } while ((await container.isAlive()) && store.has(id));
  return 0;
});
