import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";
import type { Spec } from "./spec.ts";
import { assertSpec } from "./validate.ts";

/** A bundle as the OCI runtime specification has it: a folder with a config.json. */
export interface Bundle {
  /** Absolute path of the folder. */
  readonly path: string;
  /**
   * Absolute path of the folder in which rund keeps what belongs to this one container: the bundle itself, unless several
   * containers may be made of it.
   */
  readonly folder: string;
  readonly spec: Spec;
}

/**
 * Reads a bundle; where it is not the container's folder, the copy of its config.json that stands there.
 * @throws RundError notFound when there is none, invalidArgument when its config.json is no runtime spec
 */
export function loadBundle(path: string, folder = path): Bundle {
  const file = join(path, "config.json");
  let text: string;
  try {
    // At once: a thread to read it would take longer than the reading.
    text = readFileSync(join(folder, "config.json"), "utf8");
  } catch (error) {
    throw systemError(`bundle: open ${file}`, error);
  }
  const spec = parseJson(file, text);
  assertSpec(file, spec);
  return { path, folder, spec };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RundError(Code.invalidArgument, `${file}: not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
