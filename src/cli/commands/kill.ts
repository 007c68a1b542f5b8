import { constants } from "node:os";
import { Code, RundError } from "../../common/error.ts";
import { defineCommand } from "../command.ts";
import { signalNumber } from "../signal_number.ts";
import { firstWord } from "../words.ts";

const usage = {
  name: "rund kill",
  synopsis: "[--all] ID [SIGNAL]",
  text: `Sends a signal, SIGTERM when none is named, to a container's first process. SIGKILL goes to all of its processes where the
container is to have processes of its own (a pid namespace): so the kernel would have it.`,
  flags: {
    all: { type: "boolean", alias: "a", describe: "send it to every process of the container" },
  },
  examples: [
    ["rund kill one", "asks the program to end"],
    ["rund kill one KILL", "ends the container"],
    ["rund kill --all one 15", "asks all of its processes"],
  ],
} as const;

export const killCommand = defineCommand(usage, async (flags, words, { store, logger }) => {
  const [id, name = "SIGTERM"] = firstWord(usage.name, "the container's ID", words);
  const container = await store.adopt(id, logger);
  const signal = signalNumber(name);
  const ownProcesses = container.bundle.spec.linux?.namespaces?.some(
    ({ type, path }) => type === "pid" && !path,
  );
  const all = flags.all ?? (signal === constants.signals.SIGKILL && ownProcesses === true);
  try {
    // What an ended program has left behind can be told to end too.
    if (flags.all && container.init.state === "stopped") await container.killRest(signal);
    else await container.kill("", signal, all);
  } catch (error) {
    if (RundError.from(error).code !== Code.notFound) throw error;
    // By this text BuildKit, containerd's shim and podman know that there is nobody to kill any more.
    throw new RundError(Code.notFound, "container not running", { cause: error });
  }
  return 0;
});
