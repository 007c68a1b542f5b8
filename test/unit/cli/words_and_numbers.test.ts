import { describe, expect, it } from "vitest";
import { duration } from "../../../src/cli/duration.ts";
import { signalNumber } from "../../../src/cli/signal_number.ts";
import { table } from "../../../src/cli/table.ts";
import { userName } from "../../../src/cli/user_name.ts";
import { firstWord, onlyWord } from "../../../src/cli/words.ts";

describe("a duration", () => {
  it.each([
    ["500ms", 500],
    ["5s", 5_000],
    ["1.5s", 1_500],
    ["1m30s", 90_000],
    ["2h", 7_200_000],
  ])("%s is as Go has it", (text, expected) => {
    expect(duration("--interval", text)).toBe(expected);
  });

  it.each(["", "5", "s", "-5s", "5 s", "5sx", "x5s", "0s", "5d", "1e3s"])("%j is none", (text) => {
    expect(() => duration("--interval", text)).toThrow(`--interval ${text}: must be a time such as`);
  });
});

describe("a signal", () => {
  it.each([
    ["SIGTERM", 15],
    ["TERM", 15],
    ["term", 15],
    ["sigKill", 9],
    ["9", 9],
    ["0", 0],
    ["64", 64],
    ["SIGRTMIN", 34],
    ["RTMIN+3", 37],
    ["SIGRTMAX-1", 63],
  ])("%s is %i", (text, expected) => {
    expect(signalNumber(text)).toBe(expected);
  });

  it.each(["", "SIG", "NONSENSE", "65", "999999999999", "-9", "9x", "SIGSIGTERM", "RTMIN+31", "toString"])(
    "%j is none",
    (text) => {
      expect(() => signalNumber(text)).toThrow(`signal ${text}: unknown`);
    },
  );
});

describe("words", () => {
  it("are one where one is meant", () => {
    expect(onlyWord("rund state", "an ID", ["a"])).toBe("a");
    expect(() => onlyWord("rund state", "an ID", [])).toThrow("needs an ID: see rund state --help");
    expect(() => onlyWord("rund state", "an ID", ["a", "b", "c"])).toThrow(
      'takes an ID alone, not "b c" besides: see rund state --help',
    );
  });

  it("are one at least where more may follow", () => {
    expect(firstWord("rund ps", "an ID", ["a", "b"])).toEqual(["a", "b"]);
    expect(() => firstWord("rund ps", "an ID", [])).toThrow("needs an ID: see rund ps --help");
  });
});

describe("a table", () => {
  it("has columns of twelve characters, or of what is in them and three more", () => {
    expect(
      table(
        ["ID", "PID"],
        [
          ["a", "1"],
          ["a-long-one-of-20-char", "2"],
        ],
      ),
    ).toBe("ID                      PID\na                       1\na-long-one-of-20-char   2\n");
    expect(table(["ID", "PID", "STATUS"], [])).toBe("ID          PID         STATUS\n");
  });
});

describe("a user's name", () => {
  it("is that of the host, or a number", () => {
    expect(userName(0)).toBe("root");
    expect(userName(4_000_000_000)).toBe("#4000000000");
  });
});
