import { build } from "../../../common/build.ts";
import type { Finding } from "../finding.ts";
import type { Step } from "./step.ts";

/** The selftest's outcome as Markdown, to be pasted into an issue. */
export function selftestReport(findings: readonly Finding[], steps: readonly Step[]): string {
  const failed = steps.filter(({ outcome }) => outcome === "failed");
  const count = `${steps.filter(({ outcome }) => outcome === "passed").length} of ${steps.length} steps passed`;
  return [
    "# rund selftest",
    "",
    `rund ${build.version}${build.revision ? ` (${build.revision})` : ""}: ${count}.`,
    "",
    "| step | outcome | ms |",
    "|---|---|---|",
    ...steps.map(({ name, outcome, milliseconds }) => `| ${name} | ${outcome} | ${milliseconds} |`),
    ...failed.flatMap(({ name, detail = "" }) => ["", `${name}:`, "", "```", detail, "```"]),
    "",
    "## The machine",
    "",
    "| what | level | found |",
    "|---|---|---|",
    ...findings.map(({ title, level, found }) => `| ${title} | ${level} | ${found.replaceAll("|", "\\|")} |`),
    "",
  ].join("\n");
}
