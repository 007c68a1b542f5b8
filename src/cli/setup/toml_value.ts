import { type ConfigPath, type ConfigValue, isTable } from "./config_value.ts";

/** A value on one line, tables and lists too. */
export function tomlValue(value: ConfigValue): string {
  if (Array.isArray(value)) return `[${value.map((element: ConfigValue) => tomlValue(element)).join(", ")}]`;
  if (!isTable(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${tomlKey([key])} = ${tomlValue(inner)}`);
  return `{ ${entries.join(", ")} }`;
}

/** A key or a table's name, quoted where it must be. */
export function tomlKey(path: ConfigPath): string {
  return path.map((name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name))).join(".");
}
