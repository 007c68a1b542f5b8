import { Code, RundError } from "../../common/error.ts";
import { cleanUpContainer } from "../../container/clean_up.ts";
import { canDelete } from "../../container/state.ts";
import { defineCommand } from "../command.ts";
import type { ContainerStore } from "../container_store.ts";
import { onlyWord } from "../words.ts";

const usage = {
  name: "rund delete",
  synopsis: "[--force] ID",
  text: "Takes back everything that was done for a container: its mounts, and what it left on the host. It must have ended.",
  flags: {
    force: {
      type: "boolean",
      alias: "f",
      describe: "kill it when it runs, and be content when there is none",
    },
  },
  examples: [
    ["rund delete one", "when it has ended, or was not started"],
    ["rund delete --force one", "whatever it is doing"],
  ],
} as const;

export const deleteCommand = defineCommand(usage, async (flags, words, { store, logger }) => {
  const id = onlyWord(usage.name, "the container's ID", words);
  const force = flags.force ?? false;
  if (force && !store.has(id)) return 0;
  const known = force || (await assertEnded(id, store));
  await cleanUpContainer(store.folder(id), logger);
  store.remove(id);
  if (!known) throw new RundError(Code.notFound, "container does not exist");
  return 0;
});

/**
 * False when there is nothing but the folder: whoever created it was killed before there was a container.
 * @throws RundError failedPrecondition when it runs
 */
async function assertEnded(id: string, store: ContainerStore): Promise<boolean> {
  try {
    const { init } = await store.adopt(id);
    if (canDelete(init.state)) return true;
    const reason = `cannot delete container ${id} that is not stopped: ${init.state}: use rund kill, or --force`;
    throw new RundError(Code.failedPrecondition, reason);
  } catch (error) {
    if (RundError.from(error).code !== Code.notFound || !store.has(id)) throw error;
    return false;
  }
}
