import { lstatSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { readAddressFile } from "./address_file.ts";
import type { ShimArguments } from "./arguments.ts";
import { socketPath } from "./socket_address.ts";

/** A socket as a file that is there now: one that a later shim puts in its place is told apart. */
export class OwnSocket {
  readonly #path: string;
  readonly #identity: string | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#identity = identityOf(path);
  }

  /** Removes the file, unless it is another's by now. */
  remove(): void {
    if (this.#identity !== undefined && identityOf(this.#path) === this.#identity)
      rmSync(this.#path, { force: true });
  }
}

/** An inode's number alone may come again; undefined when there is no file. */
function identityOf(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stats && `${stats.ino} ${stats.mtimeNs}`;
}

/**
 * Removes the socket of a container whose shim is gone; one that it shares with others stays as long as somebody
 * listens there.
 */
export async function removeSocketOf(bundle: string, args: ShimArguments): Promise<void> {
  const usual = socketPath(args.address, args.namespace, args.id);
  const path = readAddressFile(bundle) ?? usual;
  const isShared = basename(path) !== basename(usual);
  // Before it is tried: another container's start may listen there by the time that the answer has come.
  const socket = new OwnSocket(path);
  if (isShared && (await isServed(path))) return;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) socket.remove();
}

/** Whether somebody listens on a socket. */
async function isServed(path: string): Promise<boolean> {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (served: boolean) => {
      socket.destroy();
      resolve(served);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
