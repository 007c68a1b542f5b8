import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadState, removeState, saveState } from "../../../src/container/state_file.ts";

describe("state file", () => {
  let bundle: string;
  beforeEach(() => {
    bundle = mkdtempSync(join(tmpdir(), "rund-state-"));
  });
  afterEach(() => rmSync(bundle, { recursive: true }));

  it("gives back what was saved last", () => {
    saveState(bundle, { containerId: "a", pid: 0 });
    saveState(bundle, {
      containerId: "a",
      pid: 7,
      exit: { status: 143, exitedAt: "2026-01-02T03:04:05.678Z" },
    });
    expect(loadState(bundle)).toEqual({
      containerId: "a",
      pid: 7,
      exit: { status: 143, exitedAt: "2026-01-02T03:04:05.678Z" },
    });
  });

  it("leaves one file, for its owner alone", () => {
    saveState(bundle, { containerId: "a", pid: 1 });
    expect(readdirSync(bundle)).toEqual(["rund.json"]);
    expect(statSync(join(bundle, "rund.json")).mode & 0o777).toBe(0o600);
  });

  it("is undefined before it is saved and after it is removed", () => {
    expect(loadState(bundle)).toBeUndefined();
    saveState(bundle, { containerId: "a", pid: 1 });
    removeState(bundle);
    expect(loadState(bundle)).toBeUndefined();
  });

  it("says so when it cannot be read", () => {
    writeFileSync(join(bundle, "rund.json"), "{");
    expect(() => loadState(bundle)).toThrow(/^state file: read .*rund\.json: /);
  });

  it("fails to save into a bundle that is gone", () => {
    expect(() => saveState(join(bundle, "gone"), { containerId: "a", pid: 1 })).toThrow(
      /no such file or directory/,
    );
  });
});
