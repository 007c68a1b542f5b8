import { execFile } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { uniqueId } from "../test/harness/unique_id.ts";
import { type BenchContext, type Side, timeProgram } from "./bench_context.ts";

const namespace = "bench";

/** A bundle as containerd lays it out before it runs a shim, and the shim's two commands on it. */
class ShimBundle {
  readonly #context: BenchContext;
  readonly #side: Side;
  readonly #id = uniqueId("shim");
  readonly #folder: string;
  #log = -1;

  private constructor(context: BenchContext, side: Side, folder: string) {
    this.#context = context;
    this.#side = side;
    this.#folder = folder;
  }

  static async make(context: BenchContext, side: Side): Promise<ShimBundle> {
    const folder = await mkdtemp(`${context.daemons.folder}/b-`);
    const bundle = new ShimBundle(context, side, folder);
    await mkdir(`${folder}/rootfs`);
    const spec = {
      ociVersion: "1.2.0",
      process: { args: ["/bin/true"], cwd: "/" },
      root: { path: "rootfs" },
    };
    await writeFile(`${folder}/config.json`, JSON.stringify(spec));
    await promisify(execFile)("mkfifo", [`${folder}/log`]);
    // containerd holds the reading end: a shim that opens the fifo must not wait.
    bundle.#log = openSync(`${folder}/log`, constants.O_RDWR | constants.O_NONBLOCK);
    return bundle;
  }

  /** Milliseconds of `start`; a daemon runs afterwards. */
  start(): Promise<number> {
    return this.#time("start");
  }

  /** Milliseconds of `delete`. */
  delete(): Promise<number> {
    return this.#time("delete", "-bundle", this.#folder);
  }

  /** Ends the daemon that `start` has left. */
  async killDaemon(): Promise<void> {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const args = commandLine(pid);
      if (args.includes(this.#id) && args[0]?.includes("containerd-shim"))
        process.kill(Number(pid), "SIGKILL");
    }
  }

  async remove(): Promise<void> {
    await this.killDaemon();
    closeSync(this.#log);
    await rm(this.#folder, { recursive: true });
  }

  #time(action: string, ...flags: readonly string[]): Promise<number> {
    const { containerd } = this.#context.daemons;
    const args = ["-namespace", namespace, "-address", containerd.address, "-publish-binary", "/bin/true"];
    return timeProgram(this.#context.shim(this.#side), [...args, "-id", this.#id, ...flags, action], {
      cwd: this.#folder,
      env: {
        ...containerd.env,
        GOMAXPROCS: "2",
        TTRPC_ADDRESS: containerd.ttrpcAddress,
        GRPC_ADDRESS: containerd.address,
        NAMESPACE: namespace,
        MAX_SHIM_VERSION: "2",
      },
    });
  }
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

export function prepareStart(context: BenchContext, side: Side): () => Promise<number> {
  return async () => {
    const bundle = await ShimBundle.make(context, side);
    try {
      return await bundle.start();
    } finally {
      await bundle.killDaemon();
      await bundle.delete();
      await bundle.remove();
    }
  };
}

export function prepareDelete(context: BenchContext, side: Side): () => Promise<number> {
  return async () => {
    const bundle = await ShimBundle.make(context, side);
    try {
      await bundle.start();
      await bundle.killDaemon();
      return await bundle.delete();
    } finally {
      await bundle.remove();
    }
  };
}
