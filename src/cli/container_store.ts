import { copyFileSync, existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Code, errnoOf, RundError, systemError } from "../common/error.ts";
import { silentLogger } from "../common/log.ts";
import { adoptContainer } from "../container/adopt.ts";
import type { Container } from "../container/container.ts";
import type { ContainerContext } from "../container/container_context.ts";

/** runc's, so that a name works with both. None of them is a path. */
const idPattern = /^[\w+.-]+$/;

/** The containers of the command line: each has a folder, by its id, in one folder that `--root` names. */
export class ContainerStore {
  readonly root: string;

  /** `root` is an absolute path. */
  constructor(root: string) {
    this.root = root;
  }

  /** @throws RundError invalidArgument for what is no id */
  folder(id: string): string {
    if (!idPattern.test(id) || id === "." || id === "..") {
      throw new RundError(
        Code.invalidArgument,
        `id "${id}": must be letters, digits, and any of "_+-." in between`,
      );
    }
    return join(this.root, id);
  }

  has(id: string): boolean {
    return existsSync(this.folder(id));
  }

  /**
   * Makes a container's folder with a copy of its bundle's config.json: what is changed there later is of another container.
   * @throws RundError alreadyExists; notFound without a config.json
   */
  create(id: string, bundle: string): string {
    const folder = this.folder(id);
    this.#make(folder, id);
    try {
      copyFileSync(join(bundle, "config.json"), join(folder, "config.json"));
    } catch (error) {
      this.remove(id);
      throw systemError(`bundle: open ${join(bundle, "config.json")}`, error);
    }
    return folder;
  }

  #make(folder: string, id: string): void {
    try {
      mkdirSync(this.root, { recursive: true, mode: 0o711 });
      mkdirSync(folder, { mode: 0o700 });
      mkdirSync(join(folder, "rootfs"), { mode: 0o755 });
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw systemError(`state: make ${folder}`, error);
      throw new RundError(Code.alreadyExists, `container with given ID already exists: ${id}`);
    }
  }

  /** @throws RundError notFound */
  adopt(id: string, logger = silentLogger): Promise<Container> {
    const context: ContainerContext = { emit: () => {}, logger, namespace: "" };
    return adoptContainer(this.folder(id), context);
  }

  /** In the order of their names. */
  ids(): string[] {
    try {
      const entries = readdirSync(this.root, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isDirectory() && idPattern.test(entry.name))
        .map(({ name }) => name)
        .sort();
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw systemError(`state: read ${this.root}`, error);
    }
  }

  /** The user whom a container's folder belongs to. */
  owner(id: string): number {
    return statSync(this.folder(id)).uid;
  }

  /**
   * Removes a container's folder, from which everything has been taken back. Never what is below: should a mount have been
   * left there, it shows somebody's own files.
   */
  remove(id: string): void {
    const folder = this.folder(id);
    removeFolder(join(folder, "rootfs"));
    for (const name of namesIn(folder)) rmSync(join(folder, name), { force: true });
    removeFolder(folder);
  }
}

/** Files only: `rmSync` refuses folders. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw systemError(`state: read ${folder}`, error);
  }
}

/** An empty one, or none. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw systemError(`state: remove ${folder}`, error);
  }
}
