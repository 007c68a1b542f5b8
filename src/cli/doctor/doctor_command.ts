import { writeFileSync } from "node:fs";
import { systemError } from "../../common/error.ts";
import { defineCommand } from "../command.ts";
import { print } from "../print.ts";
import { reportText } from "./report_text.ts";
import { runChecks } from "./run_checks.ts";
import { systemHost } from "./system_host.ts";

const usage = {
  name: "rund doctor",
  synopsis: "[flags]",
  text: `Looks whether jails can work on this machine, and says what is in the way, why it matters and what mends it. It
changes nothing; a trial mount is taken back. Exits with 1 when something keeps jails from working.

With --selftest it makes real jails and takes them through their whole life, and prints a report that can be pasted into an
issue. That needs root, and on a Mac some gigabytes of free disk for a copy of the system's libraries.`,
  flags: {
    json: { type: "boolean", describe: "print the findings as JSON" },
    selftest: { type: "boolean", describe: "make jails and report how they fare" },
    root: {
      type: "string",
      describe: "folder with the files for the selftest's jails, in place of copies of this system's",
    },
    output: { type: "string", alias: "o", describe: "file for the report, in place of standard output" },
  },
  examples: [
    ["sudo rund doctor", "looks at everything"],
    ["sudo rund doctor --selftest --output report.md", "tries everything"],
  ],
  anyUser: true,
} as const;

export const doctorCommand = defineCommand(usage, async ({ json, selftest, root, output }) => {
  const host = systemHost();
  const findings = await runChecks(host);
  const isFine = findings.every(({ level }) => level !== "problem");
  const write = (text: string) => (output === undefined ? print(text) : writeReport(output, text));
  if (!selftest) {
    write(json ? `${JSON.stringify({ ok: isFine, findings }, undefined, 2)}\n` : reportText(findings));
    return isFine ? 0 : 1;
  }
  const { runSelftest } = await import("./selftest/run_selftest.ts");
  const { selftestReport } = await import("./selftest/selftest_report.ts");
  const steps = await runSelftest(host, root);
  const passed = steps.every(({ outcome }) => outcome !== "failed");
  write(
    json
      ? `${JSON.stringify({ ok: passed, findings, steps }, undefined, 2)}\n`
      : selftestReport(findings, steps),
  );
  return passed ? 0 : 1;
});

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw systemError(file, error);
  }
}
