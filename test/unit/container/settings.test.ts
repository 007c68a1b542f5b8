import { describe, expect, it } from "vitest";
import { readSettings } from "../../../src/container/settings.ts";

describe("settings of all jails", () => {
  it("leave lookups of names to the system when nothing is said", () => {
    expect(readSettings({})).not.toHaveProperty("dns");
    expect(readSettings({ RUND_DNS_SOCKET: "" })).not.toHaveProperty("dns");
  });

  it("may name another service for lookups, or none", () => {
    expect(readSettings({ RUND_DNS_SOCKET: "/run/names.sock" }).dns).toBe("/run/names.sock");
    expect(readSettings({ RUND_DNS_SOCKET: "none" }).dns).toBe("");
    expect(() => readSettings({ RUND_DNS_SOCKET: "names.sock" })).toThrow(
      'RUND_DNS_SOCKET: "names.sock" is neither an absolute path nor none',
    );
  });
});
