import { describe, expect, it } from "vitest";
import { askedResources } from "../../../src/oci/resources.ts";

describe("what resources ask for", () => {
  it.each([
    ["nothing", {}],
    ["what docker sends for a change of the restart policy", { cpu: {}, memory: {} }],
    ["no limits", { memory: { limit: -1, swap: -1 }, cpu: { quota: -1 }, pids: { limit: -1 } }],
    ["limits of 0, which are none", { pids: { limit: 0 }, cpu: { shares: 0 } }],
    [
      "empty lists and texts",
      { devices: [], hugepageLimits: [], cpu: { cpus: "", mems: "" }, network: null },
    ],
  ])("is nothing for %s", (_name, document) => {
    expect(askedResources(document)).toEqual([]);
  });

  it.each([
    [
      { memory: { limit: 1024, swap: -1 }, cpu: { quota: 5, period: 10 } },
      ["memory.limit", "cpu.quota", "cpu.period"],
    ],
    [{ pids: { limit: 3 }, cpu: { cpus: "0" } }, ["pids.limit", "cpu.cpus"]],
    [{ unified: { "memory.max": "5" } }, ["unified.memory.max"]],
    [{ devices: [{ allow: false, access: "rwm" }] }, ["devices"]],
    [{ hugepageLimits: [{ pageSize: "2MB", limit: 1 }] }, ["hugepageLimits"]],
    [{ memory: { disableOOMKiller: true }, somethingNew: 1 }, ["memory.disableOOMKiller", "somethingNew"]],
  ])("is named for %j", (document, asked) => {
    expect(askedResources(document)).toEqual(asked);
  });

  it.each([[null], [[]], ["text"], [1]])("cannot be told from %j", (document) => {
    expect(() => askedResources(document)).toThrow("resources: must be an object");
  });
});
