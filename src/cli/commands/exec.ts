import { defineCommand } from "../command.ts";
import { connection } from "../connection.ts";
import { execFlags, execProcess } from "../exec_process.ts";
import { ForwardedSignals } from "../forwarded_signals.ts";
import { writePidFile } from "../pid_file.ts";
import { firstWord } from "../words.ts";

const usage = {
  name: "rund exec",
  synopsis: "[flags] ID COMMAND [ARGUMENT ...] | [flags] --process FILE ID",
  text: `Runs another program in a running container, as the user and with the environment of the container's own program, unless
flags say otherwise. Exits with the program's code, or with 255 when it could not be run.`,
  flags: execFlags,
  examples: [
    ["rund exec one ls -l /", "what follows the ID belongs to the program"],
    ["rund exec --tty one sh", "a shell on this terminal"],
    ["rund exec --user alice --cwd /tmp one env", "as somebody else, elsewhere"],
  ],
} as const;

/** No exec of the command line is known to another command, so all have the same name. */
const execId = "rund-exec";

export const execCommand = defineCommand(usage, async (flags, words, { store, logger }) => {
  const detached = flags.detach ?? false;
  const signals = detached ? undefined : new ForwardedSignals();
  const [id, ...args] = firstWord(usage.name, "the container's ID and a command", words);
  const container = await store.adopt(id, logger);
  const document = await execProcess(flags, args, container);
  const { uris, local } = connection({
    terminal: document.terminal ?? false,
    detached,
    consoleSocket: flags["console-socket"],
    listeners: 0,
    preserved: flags["preserve-fds"],
  });
  container.exec(execId, document, uris, local);
  await container.start(execId);
  const process = container.process(execId);
  if (flags["pid-file"]) writePidFile(flags["pid-file"], process.pid);
  if (signals === undefined) return 0;
  signals.to(process);
  return (await process.wait()).status;
});
