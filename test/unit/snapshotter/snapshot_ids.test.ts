import { expect, test } from "vitest";
import { SnapshotIds } from "../../../src/snapshotter/snapshot_ids.ts";

test("ids never come again, not even when the clock has gone back", () => {
  const future = (Date.now() + 1_000_000_000).toString(36);
  const ids = new SnapshotIds(["1", future]);
  const made = [ids.next(), ids.next(), ids.next()];
  expect(new Set([...made, future]).size).toBe(4);
  expect([future, ...made].sort()).toEqual([future, ...made]);
});
