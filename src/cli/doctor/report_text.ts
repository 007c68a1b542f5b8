import type { Finding, Level } from "./finding.ts";

const signs: Readonly<Record<Level, string>> = {
  ok: "ok     ",
  note: "note   ",
  warning: "WARNING",
  problem: "PROBLEM",
  "not tried": "-      ",
};

/** The findings for a person, each with what mends it, and what they come to. */
export function reportText(findings: readonly Finding[]): string {
  return `${findings.map(findingText).join("\n")}\n\n${summaryText(findings)}\n`;
}

function findingText({ level, title, found, why, fix = [] }: Finding): string {
  const lines = [
    `${signs[level]}  ${title}: ${found}`,
    ...(why === undefined ? [] : [`           why: ${why}`]),
    ...fix.map((line, index) => `           ${index === 0 ? "fix: " : "     "}${line}`),
  ];
  return lines.join("\n");
}

function summaryText(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (problems > 0) return `${problems} of these keep jails from working, ${warnings} may matter.`;
  if (warnings > 0) return `Nothing keeps jails from working; ${warnings} of these may matter.`;
  return "Nothing is in the way of jails.";
}
