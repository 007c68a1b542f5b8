import { readFileSync } from "node:fs";

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
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      /** Those of the first try too. */
      readonly failureMessages: readonly string[];
    }[];
  }[];
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
  const broken = report.testResults.filter(({ status, assertionResults }) => {
    return status === "failed" && !assertionResults.some((test) => test.status === "failed");
  });
  const counted = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: counted === 0 && !succeeded ? 1 : counted,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Full names of the tests in a vitest JSON report that failed and passed when they were tried again. */
export function secondTries(reportFile: string): string[] {
  const tests = readReport(reportFile)?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
  return tests
    .filter(({ status, failureMessages }) => status === "passed" && failureMessages.length > 0)
    .map(({ fullName, failureMessages: [reason = ""] }) => `${fullName}: ${reason.split("\n")[0]}`);
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined;
  }
}
