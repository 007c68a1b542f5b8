import { describe, expect, it } from "vitest";
import { Code, RundError } from "../../../src/common/error.ts";
import {
  canDelete,
  canExec,
  canSignal,
  canStart,
  type ProcessState,
  transition,
} from "../../../src/container/state.ts";

const states: readonly ProcessState[] = ["created", "running", "stopped", "deleted"];
const legal = ["created>running", "created>stopped", "created>deleted", "running>stopped", "stopped>deleted"];
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
    ["canSignal", canSignal, ["created", "running"]],
    ["canExec", canExec, ["running"]],
    ["canDelete", canDelete, ["created", "stopped"]],
  ] as const)("%s", (_name, predicate, expected) => {
    expect(states.filter(predicate)).toEqual(expected);
  });
});
