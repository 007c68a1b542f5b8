import { describe, expect, it } from "vitest";
import { formatLogLine } from "../../../src/common/log_line.ts";

describe("formatLogLine", () => {
  it("writes containerd's text format", () => {
    const line = formatLogLine("warning", "a b", { path: "/x y", count: 3, left: undefined });
    expect(line).toMatch(/^time="\d{4}-\d\d-\d\dT[\d:.]+Z" level=warning msg="a b" path="\/x y" count=3\n$/);
  });

  it("stays one line whatever the message holds", () => {
    expect(formatLogLine("info", 'a\nb"c').trimEnd()).toMatch(/msg="a\\nb\\"c"$/);
  });
});
