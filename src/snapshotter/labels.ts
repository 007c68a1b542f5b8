import { Code, RundError } from "../common/error.ts";

export type Labels = Readonly<Record<string, string>>;

/** What containerd allows for a label's key and value together, in bytes. */
const sizeLimit = 4096;

const prefix = "labels.";

/**
 * The labels that are stored: those without a value are none.
 * @throws RundError invalidArgument for a label that is too long
 */
export function storedLabels(labels: Labels): Labels {
  for (const [key, value] of Object.entries(labels)) {
    if (Buffer.byteLength(key) + Buffer.byteLength(value) > sizeLimit) {
      throw new RundError(
        Code.invalidArgument,
        `label ${key.slice(0, 64)}: key and value are longer than ${sizeLimit} bytes`,
      );
    }
  }
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
}

/**
 * Labels after an update by field paths: `labels` for all, `labels.KEY` for one; none is the same as all.
 * @throws RundError invalidArgument for any other path
 */
export function updateLabels(current: Labels, given: Labels, paths: readonly string[]): Labels {
  let labels = paths.length === 0 ? given : current;
  for (const path of paths) {
    if (path === "labels") labels = given;
    else if (path.startsWith(prefix)) labels = withLabel(labels, given, path.slice(prefix.length));
    else throw new RundError(Code.invalidArgument, `field ${path}: cannot be updated`);
  }
  return storedLabels(labels);
}

function withLabel(labels: Labels, given: Labels, key: string): Labels {
  return { ...labels, [key]: given[key] ?? "" };
}
