import type { MountEntry } from "./mount_entry.ts";

/**
 * Reads `/proc/self/mountinfo` (proc(5)): `ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS TAG... - TYPE SOURCE SUPER`.
 * Lines that do not have this shape are left out.
 */
export function parseMountinfo(text: string): MountEntry[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): MountEntry | undefined {
  const fields = line.split(" ");
  const separator = fields.indexOf("-", 6);
  const [id, parent, , , target, options] = fields;
  const [type, source = "none"] = fields.slice(separator + 1);
  if (separator < 0 || target === undefined || options === undefined || type === undefined) return undefined;
  return {
    source: unescapeOctal(source),
    target: unescapeOctal(target),
    type,
    options: options.split(","),
    id: Number(id),
    parent: Number(parent),
  };
}

/** The kernel writes space, tab, newline and backslash as a backslash and three octal digits, one for each byte. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
