import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { groupOf } from "../../../src/shim/group.ts";

const runcGroup = "io.containerd.runc.v2.group";
const sandbox = "io.kubernetes.cri.sandbox-id";

function bundle(config?: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "group-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const text = typeof config === "string" ? config : JSON.stringify(config);
  if (config !== undefined) writeFileSync(join(folder, "config.json"), text);
  return folder;
}

describe("groupOf", () => {
  it.each([
    [{ [runcGroup]: "g" }, "g"],
    [{ [sandbox]: "s" }, "s"],
    [{ [sandbox]: "s", [runcGroup]: "g" }, "g"],
    [{ [runcGroup]: "" }, undefined],
    [{ other: "g" }, undefined],
  ])("of %j", (annotations, expected) => {
    expect(groupOf(bundle({ annotations }))).toBe(expected);
  });

  it.each([{}, { annotations: null }, null, []])("is none in %j", (config) => {
    expect(groupOf(bundle(config))).toBeUndefined();
  });

  it.each([
    ["a group that is no name", { annotations: { [runcGroup]: "../g" } }, 'group "../g": must be letters'],
    ["a config.json that is no JSON", "{", "config.json: not JSON"],
    ["no config.json", undefined, "config.json: no such file or directory"],
  ])("refuses %s", (_what, config, message) => {
    expect(() => groupOf(bundle(config))).toThrow(message);
  });
});
