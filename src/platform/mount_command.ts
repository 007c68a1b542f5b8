import type { MountEntry } from "./mount_entry.ts";

/**
 * Reads what macOS's `/sbin/mount` prints: `SOURCE on TARGET (TYPE, FLAG, ...)`, nothing in it escaped.
 * So a path with ` on ` in it is ambiguous: the source is taken to be the shorter part. Lines of another shape are
 * left out.
 */
export function parseMountCommand(text: string): MountEntry[] {
  return text.split("\n").flatMap((line) => {
    const match = /^(.*?) on (\/.*) \(([^()]*)\)$/.exec(line);
    if (match === null) return [];
    const [, source = "", target = "", words = ""] = match;
    const [type = "", ...options] = words.split(", ");
    return [{ source, target, type, options }];
  });
}
