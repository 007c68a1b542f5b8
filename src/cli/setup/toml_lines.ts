import { parse } from "smol-toml";
import { type ConfigPath, isTable } from "./config_value.ts";

/** A table of a file, line by line: where it begins and ends. The first one has no header and no name. */
export interface TomlTable {
  readonly path: ConfigPath;
  /** `[[name]]`: one element of a list of tables. */
  readonly isElement: boolean;
  /** The first line behind the header, and the line of the next header. */
  readonly start: number;
  readonly end: number;
}

/** Where a key's value stands: from the line of the key up to `end`, which is behind it. */
export interface TomlEntry {
  readonly start: number;
  readonly end: number;
}

export function tomlTables(lines: readonly string[]): TomlTable[] {
  const headers = lines.flatMap((line, index) => {
    const header = readHeader(line);
    return header === undefined ? [] : [{ ...header, start: index + 1 }];
  });
  const tables = [{ path: [], isElement: false, start: 0 }, ...headers];
  return tables.map((table, index) => ({
    ...table,
    end: (tables[index + 1]?.start ?? lines.length + 1) - 1,
  }));
}

/** The entry for a key, which may be dotted, in a table. */
export function tomlEntry(
  lines: readonly string[],
  table: TomlTable,
  key: ConfigPath,
): TomlEntry | undefined {
  for (let start = table.start; start < table.end; start++) {
    const [, name] = /^\s*([^=#\s][^=#]*?)\s*=/.exec(lines[start] ?? "") ?? [];
    if (name === undefined || !isKey(name, key)) continue;
    for (let end = start + 1; end <= table.end; end++) {
      if (isWhole(lines.slice(start, end).join("\n"))) return { start, end };
    }
  }
  return undefined;
}

function readHeader(line: string): { path: ConfigPath; isElement: boolean } | undefined {
  const [, brackets, name] = /^\s*(\[\[?)(.*?)\]\]?\s*(?:#.*)?$/.exec(line) ?? [];
  const path = name === undefined ? undefined : readKey(name);
  return path === undefined ? undefined : { path, isElement: brackets === "[[" };
}

function isKey(text: string, key: ConfigPath): boolean {
  const path = readKey(text);
  return path !== undefined && path.length === key.length && path.every((name, index) => name === key[index]);
}

/** The parser itself says what a dotted or quoted key means. */
function readKey(text: string): ConfigPath | undefined {
  const path: string[] = [];
  try {
    let value: unknown = parse(`${text} = 0`);
    while (typeof value === "object" && value !== null) {
      const [entry] = Object.entries(value);
      if (entry === undefined) return undefined;
      path.push(entry[0]);
      value = entry[1];
    }
    return path;
  } catch {
    return undefined;
  }
}

function isWhole(text: string): boolean {
  try {
    return isTable(parse(text) as never);
  } catch {
    return false;
  }
}
