import type { Snapshot } from "../snapshot.ts";
import { parseSelectors, type Selector } from "./parse_selectors.ts";

/** Whether a snapshot is wanted. */
export type Filter = (snapshot: Snapshot) => boolean;

/**
 * containerd's filters for snapshots: fields `name`, `parent`, `kind` and `labels.KEY`, as in
 * `kind==active,labels."a.b"~=^x`. All selectors of a filter must match, and one filter of the list.
 * @throws RundError invalidArgument for a filter that cannot be read
 */
export function parseFilters(filters: readonly string[]): Filter {
  if (filters.length === 0) return () => true;
  const parsed = filters.map(parseSelectors);
  return (snapshot) => parsed.some((selectors) => selectors.every((selector) => matches(selector, snapshot)));
}

function matches({ path, operator, value, pattern }: Selector, snapshot: Snapshot): boolean {
  const found = fieldOf(snapshot, path);
  switch (operator) {
    case "present":
      return found !== undefined;
    case "==":
      return found === value;
    case "!=":
      return (found ?? "") !== value;
    case "~=":
      return pattern?.test(found ?? "") === true;
  }
}

function fieldOf({ name, parent, kind, labels }: Snapshot, path: readonly string[]): string | undefined {
  switch (path[0]) {
    case "name":
      return name;
    case "parent":
      return parent;
    case "kind":
      return kind;
    case "labels":
      return Object.hasOwn(labels, path.slice(1).join(".")) ? labels[path.slice(1).join(".")] : undefined;
    default:
      return undefined;
  }
}
