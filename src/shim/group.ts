import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";
import { assertIdentifier } from "./arguments.ts";

/** The annotations that name a container's group, as runc's shim looks for them: the first one counts. */
const groupAnnotations = ["io.containerd.runc.v2.group", "io.kubernetes.cri.sandbox-id"];

/**
 * The group that a bundle's config.json puts its container into, undefined for none.
 * @throws RundError for a config.json that cannot be read, or a group that is no name
 */
export function groupOf(bundle: string): string | undefined {
  const annotations = readAnnotations(join(bundle, "config.json"));
  const group = groupAnnotations.map((name) => annotations[name]).find((value) => value !== undefined);
  if (group === undefined || group === "") return undefined;
  assertIdentifier("group", String(group));
  return String(group);
}

function readAnnotations(file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw systemError(`group: open ${file}`, error);
  }
  try {
    const spec = JSON.parse(text) as { annotations?: Record<string, unknown> } | null;
    return spec?.annotations ?? {};
  } catch (error) {
    throw new RundError(Code.invalidArgument, `${file}: not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
