import { describe, expect, it } from "vitest";
import { Code, RundError } from "../../../src/common/error.ts";
import {
  canDelete,
  canExec,
  canPause,
  canResume,
  canSignal,
  canStart,
  canUpdate,
  type ProcessState,
  transition,
} from "../../../src/container/state.ts";

const states: readonly ProcessState[] = ["created", "running", "paused", "stopped", "deleted"];
const legal = [
  "created>running",
  "created>stopped",
  "created>deleted",
  "running>paused",
  "running>stopped",
  "paused>running",
  "paused>stopped",
  "stopped>deleted",
];
const moves = states.flatMap((from) => states.map((to) => [from, to] as const));

describe("transition", () => {
  it.each(moves)("from %s to %s", (from, to) => {
    if (legal.includes(`${from}>${to}`)) expect(transition(from, to)).toBe(to);
    else
      expect(() => transition(from, to)).toThrow(
        new RundError(Code.failedPrecondition, `process: cannot go from ${from} to ${to}`),
      );
  });
});

describe("predicates", () => {
  it.each([
    ["canStart", canStart, ["created"]],
    ["canPause", canPause, ["running"]],
    ["canResume", canResume, ["paused"]],
    ["canUpdate", canUpdate, ["created", "running", "paused"]],
    ["canSignal", canSignal, ["created", "running", "paused"]],
    ["canExec", canExec, ["created", "running"]],
    ["canDelete", canDelete, ["created", "stopped"]],
  ] as const)("%s", (_name, predicate, expected) => {
    expect(states.filter(predicate)).toEqual(expected);
  });
});
