import { openSync, writeFileSync, writeSync } from "node:fs";
import { execa } from "execa";
import { projectFolder } from "../../harness/project_paths.ts";

const source = `${projectFolder}/test/abuse/support/wall_clock.c`;

/** The wall clock of the programs that run with its environment: a real clock, which can be put forward and back. */
export class WallClock {
  /** For a program that is linked dynamically, as the shim's daemon is. */
  readonly env: Readonly<Record<string, string>>;
  readonly #file: number;

  private constructor(library: string, file: string) {
    this.env = { LD_PRELOAD: library, RUND_TEST_CLOCK: file };
    writeFileSync(file, Buffer.alloc(8));
    this.#file = openSync(file, "r+");
  }

  /** Makes it, with its library, in a folder. */
  static async make(folder: string): Promise<WallClock> {
    const library = `${folder}/wall_clock.so`;
    await execa("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source]);
    return new WallClock(library, `${folder}/jump`);
  }

  /** Puts it so many seconds forward from the true time, or back for a negative number. */
  jumpTo(seconds: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    writeSync(this.#file, bytes, 0, bytes.length, 0);
  }
}
