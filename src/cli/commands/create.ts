import { resolve } from "node:path";
import { defineCommand } from "../command.ts";
import { createFlags } from "../launch_flags.ts";
import { newContainer } from "../new_container.ts";
import { writePidFile } from "../pid_file.ts";
import { onlyWord } from "../words.ts";

const usage = {
  name: "rund create",
  synopsis: "[flags] ID",
  text: "Makes a container of a bundle. Its process is there, has the streams of this command, and waits for rund start.",
  flags: createFlags,
  examples: [
    ["rund create --bundle ./bundle one", "makes container one"],
    ["rund create --pid-file pid one && rund start one", "makes it of the working directory, and starts it"],
  ],
} as const;

export const createCommand = defineCommand(usage, async (flags, words, context) => {
  const id = onlyWord(usage.name, "the container's ID", words);
  const bundle = resolve(flags.bundle ?? ".");
  const container = await newContainer({ id, bundle, flags, detached: true, waits: true }, context);
  try {
    if (flags["pid-file"]) writePidFile(flags["pid-file"], container.init.pid);
    await container.leave();
  } catch (error) {
    await container.destroy();
    context.store.remove(id);
    throw error;
  }
  return 0;
});
