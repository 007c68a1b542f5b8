import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { jailsFolder } from "./rund_command.ts";

/** What containers can leave on the host. Every entry is a text that says what it is, for the failure's message. */
export type Census = ReadonlySet<string>;

/** Where containerd's shims have their sockets, whatever the daemon's own folders are. */
const socketFolder = "/run/containerd/s";

/** Counts what the containers of one harness folder leave on the host: processes, mounts, sockets, bundles. */
export class HostCensus {
  readonly #folder: string;
  /** What dockerd mounts for itself, anew at each of its starts. */
  readonly #ofDockerd: ReadonlySet<string>;

  /** `folder` is the temporary folder of the daemons. */
  constructor(folder: string) {
    this.#folder = folder;
    // Its data as a mount of its own, and a handle of the host's network namespace from the first container on.
    this.#ofDockerd = new Set([`${folder}/docker`, `${folder}/dx/netns/default`]);
  }

  take(): Census {
    return new Set([...this.#processes(), ...this.#mounts(), ...this.#sockets(), ...this.#bundles()]);
  }

  /** Resolves as soon as nothing is there that was not there before; rejects with a list after `timeout` ms. */
  async expectNoMoreThan(before: Census, timeout = 5000): Promise<void> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const left = [...this.take()].filter((entry) => !before.has(entry));
      if (left.length === 0) return;
      if (Date.now() > deadline) throw new Error(`left behind:\n${left.join("\n")}`);
      await delay(50);
    }
  }

  /** Shims, launchers, bindfs and the like that name the folder, and processes whose root is in it. */
  #processes(): string[] {
    return list("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const commandLine = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
        const root = link(`/proc/${pid}/root`);
        // By the program's own name: the folders that daemons are in may be called so too.
        const helper = /^(\S*\/)?(containerd-shim|rund|bindfs)[^/\s]*(\s|$)/.test(commandLine);
        const ours = root.startsWith(`${this.#folder}/`) || (helper && commandLine.includes(this.#folder));
        return ours ? [`process ${pid}: ${commandLine} (root ${root})`] : [];
      });
  }

  #mounts(): string[] {
    return read("/proc/self/mountinfo")
      .split("\n")
      .map((line) => line.split(" "))
      .filter((columns) => columns[4]?.startsWith(`${this.#folder}/`))
      .filter((columns) => !this.#ofDockerd.has(columns[4] ?? ""))
      .map(
        (columns) =>
          `mount: ${columns[0]} ${columns[4]} ${columns.slice(columns.indexOf("-") + 1).join(" ")}`,
      );
  }

  /**
   * Sockets that our shims hold, or that our containerd has connected to (its log names them since 1.7): every
   * containerd of the machine has its shims' sockets in this one folder.
   */
  #sockets(): string[] {
    const present = list(socketFolder);
    if (present.length === 0) return [];
    const log = read(`${this.#folder}/containerd.log`);
    const held = heldSocketNames(this.#folder);
    return present
      .filter((name) => held.has(name) || log.includes(`${socketFolder}/${name}`))
      .map((name) => `socket: ${socketFolder}/${name}`);
  }

  /** Bundles of containerd, of dockerd and of rund's command line, and fifos of clients. */
  #bundles(): string[] {
    const tasks = `${this.#folder}/state/io.containerd.runtime.v2.task`;
    const inState = list(tasks).flatMap((namespace) => {
      return list(`${tasks}/${namespace}`).map((id) => `bundle: ${tasks}/${namespace}/${id}`);
    });
    const others = [`${this.#folder}/dx/containerd`, jailsFolder(this.#folder)];
    return [...inState, ...others.flatMap((path) => list(path).map((id) => `bundle: ${path}/${id}`))];
  }
}

/** Names of the shim sockets that processes which name `folder` hold. */
function heldSocketNames(folder: string): Set<string> {
  const nameByInode = new Map<string, string>();
  for (const line of read("/proc/net/unix").split("\n")) {
    const columns = line.trim().split(/\s+/);
    const path = columns[7];
    if (path?.startsWith(`${socketFolder}/`)) {
      nameByInode.set(columns[6] ?? "", path.slice(socketFolder.length + 1));
    }
  }
  const held = new Set<string>();
  for (const pid of list("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!read(`/proc/${pid}/cmdline`).includes(folder)) continue;
    for (const descriptor of list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${descriptor}`))?.[1];
      const name = inode === undefined ? undefined : nameByInode.get(inode);
      if (name !== undefined) held.add(name);
    }
  }
  return held;
}

// Processes and folders vanish while they are looked at: what is gone is nothing.

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
