import { parse as parseToml } from "smol-toml";
import { Code, RundError } from "../../common/error.ts";
import type { ConfigFormat } from "./config_format.ts";
import { type ConfigPath, type ConfigValue, isSame, isTable, valueAt, withValue } from "./config_value.ts";
import { type TomlTable, tomlEntry, tomlTables } from "./toml_lines.ts";
import { tomlKey, tomlValue } from "./toml_value.ts";

/** containerd's and buildkitd's files. Only the lines in question are touched; a parser makes sure of what they then mean. */
export const tomlFormat: ConfigFormat = { parse, change };

function parse(text: string): ConfigValue {
  try {
    // Dates are the one kind that JSON has not; they compare by their text.
    return JSON.parse(JSON.stringify(parseToml(text))) as ConfigValue;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new RundError(Code.invalidArgument, `not TOML: ${reason}`);
  }
}

function change(text: string, path: ConfigPath, value: ConfigValue | undefined): string {
  const before = parse(text);
  if (isSame(valueAt(before, path), value)) return text;
  const lines = text.trimEnd() === "" ? [] : text.trimEnd().split("\n");
  const changed = `${edit(lines, path, value, valueAt(before, path)).join("\n")}\n`;
  assertMeaning(changed, withValue(before, path, value), path);
  return changed;
}

/** Nothing is guessed: an edit that does not mean just what it should is not made. */
function assertMeaning(text: string, expected: ConfigValue | undefined, path: ConfigPath): void {
  let actual: ConfigValue | undefined;
  try {
    actual = parse(text);
  } catch {}
  if (actual !== undefined && isSame(actual, expected)) return;
  throw new RundError(
    Code.failedPrecondition,
    `${tomlKey(path)}: stands in the file in a form that cannot be changed safely; change it by hand`,
  );
}

function edit(
  lines: readonly string[],
  path: ConfigPath,
  value: ConfigValue | undefined,
  before: ConfigValue | undefined,
): string[] {
  const tables = tomlTables(lines);
  for (const table of tables) {
    if (table.isElement || !isPrefix(table.path, path)) continue;
    const key = path.slice(table.path.length);
    const entry = key.length === 0 ? undefined : tomlEntry(lines, table, key);
    if (entry === undefined) continue;
    const [indent] = /^\s*/.exec(lines[entry.start] ?? "") ?? [""];
    const line = value === undefined ? [] : [`${indent}${tomlKey(key)} = ${tomlValue(value)}`];
    const changed = lines.toSpliced(entry.start, entry.end - entry.start, ...line);
    return value === undefined ? withoutEmptyTable(changed, table) : changed;
  }
  if (value === undefined) return [...lines];
  const elements = addedElements(tables, path, value, before);
  return elements === undefined ? insert(lines, tables, path, value) : [...lines, ...elements];
}

/** A list that is written as `[[tables]]` grows by more of these. */
function addedElements(
  tables: readonly TomlTable[],
  path: ConfigPath,
  value: ConfigValue,
  before: ConfigValue | undefined,
): string[] | undefined {
  const written = tables.some(
    (table) => table.isElement && isPrefix(table.path, path) && isPrefix(path, table.path),
  );
  if (!written || !Array.isArray(value) || !Array.isArray(before)) return undefined;
  return value.slice(before.length).flatMap((element: ConfigValue) => {
    const entries = isTable(element) ? Object.entries(element) : [];
    return [
      "",
      `[[${tomlKey(path)}]]`,
      ...entries.map(([key, inner]) => `  ${tomlKey([key])} = ${tomlValue(inner)}`),
    ];
  });
}

function insert(
  lines: readonly string[],
  tables: readonly TomlTable[],
  path: ConfigPath,
  value: ConfigValue,
): string[] {
  const [parent, key] = [path.slice(0, -1), path.slice(-1)];
  const table = tables.find(({ path: name, isElement }) => !isElement && tomlKey(name) === tomlKey(parent));
  const entry = `${tomlKey(key)} = ${tomlValue(value)}`;
  if (table === undefined)
    return [...lines, ...(lines.length > 0 ? [""] : []), `[${tomlKey(parent)}]`, `  ${entry}`];
  let end = table.end;
  while (end > table.start && /^\s*(#|$)/.test(lines[end - 1] ?? "")) end--;
  const last = lines.slice(table.start, end).findLast((line) => /^\s*[^#\s]/.test(line));
  const [indent = ""] = /^\s*/.exec(last ?? (parent.length > 0 ? "  " : "")) ?? [];
  return lines.toSpliced(end, 0, `${indent}${entry}`);
}

/** The header of a table that holds nothing any more, not even a comment, with the blank line above it. */
function withoutEmptyTable(lines: readonly string[], { path, start }: TomlTable): string[] {
  const table = tomlTables(lines).find((candidate) => candidate.start === start);
  const isEmpty = lines.slice(start, table?.end).every((line) => line.trim() === "");
  if (path.length === 0 || table === undefined || !isEmpty) return [...lines];
  const from = lines[start - 2]?.trim() === "" ? start - 2 : start - 1;
  return lines.toSpliced(from, start - from);
}

function isPrefix(one: ConfigPath, other: ConfigPath): boolean {
  return one.length <= other.length && one.every((name, index) => name === other[index]);
}
