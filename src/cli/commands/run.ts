import type { Container } from "../../container/container.ts";
import { bundleArgument } from "../bundle_argument.ts";
import { defineCommand } from "../command.ts";
import { ForwardedSignals } from "../forwarded_signals.ts";
import { createFlags } from "../launch_flags.ts";
import { newContainer } from "../new_container.ts";
import { writePidFile } from "../pid_file.ts";
import { onlyWord } from "../words.ts";

const usage = {
  name: "rund run",
  synopsis: "[flags] FOLDER | [flags] [--bundle DIR] ID",
  text: `Makes a container of a bundle, starts it, waits for its end, and deletes it. Exits with the code of its program, or with 128
and the number of the signal that ended it. Signals to this command go to the program.`,
  flags: {
    ...createFlags,
    detach: { type: "boolean", alias: "d", describe: "end when the program runs, and leave it running" },
    keep: { type: "boolean", describe: "do not delete the container when it has ended" },
    "no-subreaper": { type: "boolean", describe: "no effect" },
  },
  examples: [
    ["rund run bundle-examples/hello", "runs the bundle in that folder as container hello"],
    ["rund run --bundle ./bundle one", "runs it as container one"],
    [
      "rund run --detach one && rund exec --tty one sh",
      "leaves the working directory's bundle running; a shell in it",
    ],
  ],
} as const;

export const runCommand = defineCommand(usage, async (flags, words, context) => {
  const detached = flags.detach ?? false;
  const signals = detached ? undefined : new ForwardedSignals();
  const word = onlyWord(usage.name, "a bundle's folder, or the container's ID", words);
  const { id, bundle } = bundleArgument(word, flags.bundle, context.store);
  const container = await newContainer({ id, bundle, flags, detached, waits: false }, context);
  try {
    await container.start("");
    if (flags["pid-file"]) writePidFile(flags["pid-file"], container.init.pid);
  } catch (error) {
    await container.destroy();
    context.store.remove(id);
    throw error;
  }
  if (signals === undefined) return 0;
  signals.to(container.init);
  const status = await waitForEnd(container);
  if (flags.keep) return status;
  await container.delete("");
  context.store.remove(id);
  return status;
});

async function waitForEnd(container: Container): Promise<number> {
  const { status } = await container.init.wait();
  await container.takeBack();
  return status;
}
