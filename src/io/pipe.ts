import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";
import { launcherPath } from "../platform/launcher_path.ts";

/**
 * `write` is a blocking end for the process, `read` one for a program of the host, and `keeper` a reading end of our
 * own, which never blocks and keeps the process alive when the program has died.
 */
type End = "write" | "read" | "keeper";

/** A pipe between a jailed process and a program of the host: the ends that are ours to close. */
export class Pipe {
  readonly #ends: Map<End, number>;

  constructor(ends: Map<End, number>) {
    this.#ends = ends;
  }

  /** Undefined once it is closed or taken. */
  end(name: End): number | undefined {
    return this.#ends.get(name);
  }

  /** Hands an end over: whoever takes it closes it. */
  take(name: End): number | undefined {
    const descriptor = this.#ends.get(name);
    this.#ends.delete(name);
    return descriptor;
  }

  close(...names: readonly End[]): void {
    for (const name of names) {
      const descriptor = this.take(name);
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;

/**
 * Makes pipes. Node has no pipe(2), and its own kind for children is a socket, which a program cannot open again
 * as /dev/stdout. So they are fifos, in a folder of root's that is gone before anybody gets an end.
 * @throws RundError when the folder cannot be written to, or no descriptors are left
 */
export async function openPipes(parent: string, count: number): Promise<Pipe[]> {
  const folder = makeFolder(parent);
  const pipes: Pipe[] = [];
  try {
    const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
    await makeFifos(paths);
    for (const path of paths) pipes.push(openPipe(path));
    return pipes;
  } catch (error) {
    for (const pipe of pipes) pipe.close("write", "read", "keeper");
    throw systemError("stdio: pipe", error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, "pipes-"));
  } catch (error) {
    throw systemError(`stdio: pipe in ${parent}`, error);
  }
}

async function makeFifos(paths: readonly string[]): Promise<void> {
  const child = spawn(launcherPath(), ["fifos", ...paths], { cwd: "/", env: {}, stdio: "ignore" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new RundError(Code.internal, `stdio: pipe: launcher failed with ${status}`);
}

function openPipe(path: string): Pipe {
  // Opening both ways never blocks, on Linux and macOS alike; with it open neither do the others.
  const both = openSync(path, O_RDWR);
  const ends = new Map<End, number>();
  try {
    ends.set("keeper", openSync(path, O_RDONLY | O_NONBLOCK));
    ends.set("read", openSync(path, O_RDONLY));
    ends.set("write", openSync(path, O_WRONLY));
    return new Pipe(ends);
  } catch (error) {
    new Pipe(ends).close("write", "read", "keeper");
    throw error;
  } finally {
    closeSync(both);
  }
}
