import { describe, expect, test } from "vitest";
import { parseFilters } from "../../../src/snapshotter/filter/filter.ts";
import { parseSelectors } from "../../../src/snapshotter/filter/parse_selectors.ts";
import { noUsage, type Snapshot } from "../../../src/snapshotter/snapshot.ts";

const snapshot: Snapshot = {
  id: "1",
  name: "a,b",
  kind: "active",
  parent: "",
  labels: { plain: "x y", "dotted.name": "ä" },
  createdAt: "",
  updatedAt: "",
  usage: noUsage,
  clonedAt: "",
};

describe("filters", () => {
  test.each([
    ["", true],
    ["name", true],
    ["labels.none", false],
    ["unknown", false],
    ["unknown!=x", true],
    ['name=="a,b"', true],
    ["name==a", false],
    ["kind==active", true],
    [' kind == active , name~="^a" ', true],
    ["kind==active,kind==view", false],
    ['parent==""', true],
    ["labels.plain~=|x\\\\sy|", true],
    ["labels.plain~=/^x y$/", true],
    ["name~=[", false],
    ['labels."dotted.name"=="\\u00e4"', true],
    ["labels.dotted.name==ä", true],
    ['name!="a\\x2cb"', false],
  ])("%s", (filter, expected) => {
    expect(parseFilters([filter])(snapshot)).toBe(expected);
  });

  test("of several, one is enough; of none, none is needed", () => {
    expect(parseFilters(["kind==view", "kind==active"])(snapshot)).toBe(true);
    expect(parseFilters(["kind==view", "kind==committed"])(snapshot)).toBe(false);
    expect(parseFilters([])(snapshot)).toBe(true);
  });

  test.each([
    "==x",
    "name==",
    "name=x",
    "name==a b",
    'name=="a',
    'name=="\\q"',
    "name==a,",
    "name~=|a",
    "a..b",
    "|a|",
  ])("%s is refused", (filter) => {
    expect(() => parseSelectors(filter)).toThrow(/^filter \[/);
  });
});
