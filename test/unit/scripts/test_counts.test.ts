import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addCounts, countsLine, testTroubles, vitestCounts } from "../../../scripts/test_counts.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/counts-`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function report(numbers: Record<string, number>, files: readonly [string, readonly string[]][]): string {
  const file = `${folder}/report.json`;
  const testResults = files.map(([status, tests]) => {
    return { status, assertionResults: tests.map((test) => ({ status: test })) };
  });
  const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  writeFileSync(file, JSON.stringify({ ...none, ...numbers, testResults }));
  return file;
}

it("tests that failed, at once or for good, are named with why and where", () => {
  const file = `${folder}/tries.json`;
  const test = (fullName: string, status: string, ...failureMessages: string[]) => {
    return { fullName, status, failureMessages };
  };
  const assertionResults = [
    test("steady", "passed"),
    test("unsteady", "passed", "Error: too late\n    at /a/node_modules/x.js:1\n    at some/file.ts:1"),
    test("broken", "failed", "Error: \u001b[31mwrong\u001b[39m", "Error: there already"),
    test("slow", "failed", "Error: STACK_TRACE_ERROR", "Error: STACK_TRACE_ERROR"),
  ];
  const broken = { name: "b.test.ts", status: "failed", message: "no such module", assertionResults: [] };
  writeFileSync(file, JSON.stringify({ testResults: [{ status: "failed", assertionResults }, broken] }));
  expect(testTroubles(file)).toEqual({
    failed: [
      "broken: Error: wrong\n    and then: Error: there already",
      "slow: took too long",
      "b.test.ts: no such module",
    ],
    unsteady: ["unsteady: Error: too late\n        at some/file.ts:1"],
  });
  expect(testTroubles(`${folder}/none.json`)).toEqual({ failed: [], unsteady: [] });
});

describe("the counts of a vitest run", () => {
  it("are the report's, todo tests being skipped ones", () => {
    const file = report({ numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 3 }, [
      ["failed", ["passed", "failed"]],
    ]);
    expect(vitestCounts(file, false)).toEqual({ passed: 5, failed: 1, skipped: 5 });
  });

  it("have a failure for each file that did not load", () => {
    const file = report({ numPassedTests: 5 }, [
      ["failed", []],
      ["passed", ["passed"]],
    ]);
    expect(vitestCounts(file, false)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it("have a failure when all tests pass and the run does not", () => {
    const file = report({ numPassedTests: 5 }, [["passed", ["passed"]]]);
    expect(vitestCounts(file, false)).toEqual({ passed: 5, failed: 1, skipped: 0 });
    expect(vitestCounts(file, true)).toEqual({ passed: 5, failed: 0, skipped: 0 });
  });

  it("have a failure when there is no report, or half of one", () => {
    expect(vitestCounts(`${folder}/none.json`, true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    writeFileSync(`${folder}/half.json`, '{"numPassedTests": 5, ');
    expect(vitestCounts(`${folder}/half.json`, true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

it("counts add up to the closing line", () => {
  const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
  expect(countsLine(sum)).toBe("11 passed, 22 failed, 33 skipped");
});
