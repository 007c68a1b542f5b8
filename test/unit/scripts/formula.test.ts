import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadPrism } from "@ruby/prism";
import { describe, expect, it } from "vitest";

/** Ruby's own parser: what it takes, `ruby -c` takes. Homebrew has more rules, which only Homebrew knows. */
const parse = await loadPrism();

function formula(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../packaging/homebrew/${name}`, import.meta.url)), "utf8");
}

describe.each(["rund.rb", "rund-from-source.rb"])("the formula %s", (name) => {
  it("is Ruby", () => {
    const { errors, warnings } = parse(formula(name));
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
  });

  it("would be refused with an end too few", () => {
    expect(parse(formula(name).replace(/end\s*$/, "")).errors).not.toEqual([]);
  });
});
