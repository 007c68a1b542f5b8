/** What a configuration file holds, whatever its format. */
export type ConfigValue =
  | string
  | number
  | boolean
  | null
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue };

/** Where a value stands: the names of the tables or objects that lead to it, and its own. */
export type ConfigPath = readonly string[];

/** The value at a path, or undefined when there is none. */
export function valueAt(document: ConfigValue | undefined, path: ConfigPath): ConfigValue | undefined {
  return path.reduce<ConfigValue | undefined>(
    (value, name) => (isTable(value) ? value[name] : undefined),
    document,
  );
}

/** A copy in which the value stands at the path; undefined takes it away, with the tables that hold nothing then. */
export function withValue(
  document: ConfigValue | undefined,
  [name, ...rest]: ConfigPath,
  value: ConfigValue | undefined,
): ConfigValue | undefined {
  if (name === undefined) return value;
  const table = isTable(document) ? document : {};
  const { [name]: inner, ...others } = table;
  const changed = withValue(inner, rest, value);
  if (changed !== undefined) return { ...table, [name]: changed };
  return Object.keys(others).length > 0 ? others : undefined;
}

/** Whether two values say the same; tables that hold nothing say nothing. */
export function isSame(one: ConfigValue | undefined, other: ConfigValue | undefined): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

export function isTable(value: ConfigValue | undefined): value is { readonly [key: string]: ConfigValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(value: ConfigValue | undefined): ConfigValue | undefined {
  if (Array.isArray(value)) return value.map((element: ConfigValue) => sorted(element) ?? null);
  if (!isTable(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, ConfigValue][] => {
    const kept = sorted(inner);
    return kept === undefined ? [] : [[key, kept]];
  });
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
