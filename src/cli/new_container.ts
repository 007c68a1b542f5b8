import { gatePath } from "../container/adopt.ts";
import type { Container } from "../container/container.ts";
import { createContainer } from "../container/create.ts";
import { readSettings } from "../container/settings.ts";
import { loadBundle } from "../oci/bundle.ts";
import type { CommandContext } from "./command.ts";
import { connection, passedListeners } from "./connection.ts";

export interface NewContainer {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  readonly flags: { readonly "console-socket"?: string | undefined; readonly "preserve-fds": number };
  readonly detached: boolean;
  /** Another command starts it. */
  readonly waits: boolean;
}

/** Makes a container and its folder; after an error neither is there. */
export async function newContainer(
  { id, bundle, flags, detached, waits }: NewContainer,
  { store, logger }: CommandContext,
): Promise<Container> {
  const folder = store.create(id, bundle);
  try {
    const { spec } = loadBundle(bundle, folder);
    const { uris, local } = connection({
      terminal: spec.process?.terminal ?? false,
      detached,
      consoleSocket: flags["console-socket"],
      listeners: passedListeners(process.env, process.pid),
      preserved: flags["preserve-fds"],
      ...(waits && { gate: gatePath(folder) }),
    });
    const making = { id, bundle, folder, rootfs: [], uris, local };
    return await createContainer(making, readSettings(process.env), {
      emit: () => {},
      logger,
      namespace: "",
    });
  } catch (error) {
    store.remove(id);
    throw error;
  }
}
