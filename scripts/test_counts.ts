import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Why the file as a whole failed. */
    readonly message?: string;
    readonly assertionResults: readonly TestResult[];
  }[];
}

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  /** Those of the first try too. */
  readonly failureMessages: readonly string[];
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

export function countsLine(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/**
 * The counts in a vitest JSON report. What fails without a failed test counts as one failure each: a file that does
 * not load, a run that ends badly or writes no report.
 */
export function vitestCounts(reportFile: string, succeeded: boolean): Counts {
  const report = readReport(reportFile);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const counted = report.numFailedTests + report.testResults.filter(isBroken).length;
  return {
    passed: report.numPassedTests,
    failed: counted === 0 && !succeeded ? 1 : counted,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The tests in a vitest JSON report that did not pass at once, each with why, a text of a few lines. */
export interface Troubles {
  readonly failed: readonly string[];
  /** Those that passed when they were tried again. */
  readonly unsteady: readonly string[];
}

/** Reads them; none when there is no report. */
export function testTroubles(reportFile: string): Troubles {
  const files = readReport(reportFile)?.testResults ?? [];
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const troubled = tests.filter(({ failureMessages }) => failureMessages.length > 0);
  return {
    failed: [
      ...troubled.filter(({ status }) => status === "failed").map(describeTrouble),
      ...files.filter(isBroken).map(({ name, message }) => `${name}: ${summary(message ?? "")}`),
    ],
    unsteady: troubled.filter(({ status }) => status === "passed").map(describeTrouble),
  };
}

/** Whether a file failed without a failed test. */
function isBroken({ status, assertionResults }: VitestReport["testResults"][number]): boolean {
  return status === "failed" && !assertionResults.some((test) => test.status === "failed");
}

function describeTrouble({ fullName, failureMessages }: TestResult): string {
  return `${fullName}: ${[...new Set(failureMessages.map(summary))].join("\n    and then: ")}`;
}

/** What went wrong, and where in our files; a report of CI may be all that there is to go by. */
function summary(failureMessage: string): string {
  // Vitest's report of a test that took too long has a stack only.
  const text = stripVTControlCharacters(failureMessage).replace("Error: STACK_TRACE_ERROR", "took too long");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const reason = lines.filter((line) => !line.startsWith("    at ")).slice(0, 15);
  const places = lines
    .filter((line) => line.startsWith("    at ") && !line.includes("node_modules"))
    .slice(0, 3);
  return [...reason, ...places].join("\n    ");
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined;
  }
}
