import { describe, expect, it } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { Code } from "../../../src/common/error.ts";

const usage = {
  name: "rund test",
  synopsis: "[flags] ID",
  text: "Does nothing.",
  flags: {
    bundle: { type: "string", alias: "b" },
    all: { type: "boolean", alias: "a" },
    env: { type: "string", array: true, alias: "e" },
    "pid-file": { type: "string" },
    "preserve-fds": { type: "number", default: 0 },
    gid: { type: "number", array: true },
    format: { type: "string", choices: ["table", "json"], default: "table" },
  },
  examples: [["rund test one", "does nothing"]],
} as const;

const parse = (...args: string[]) => parseArguments(args, usage);

describe("flags", () => {
  it.each([
    ["--bundle x", ["--bundle", "x"]],
    ["--bundle=x", ["--bundle=x"]],
    ["-bundle x", ["-bundle", "x"]],
    ["-bundle=x", ["-bundle=x"]],
    ["-b x", ["-b", "x"]],
    ["-b=x", ["-b=x"]],
    ["--b x", ["--b", "x"]],
  ])("may stand as Go has them: %s", async (_text, args) => {
    const { flags, words } = await parse(...args, "id");
    expect([flags.bundle, words]).toEqual(["x", ["id"]]);
  });

  it("end at the first other word, whose own they are from there on", async () => {
    const { flags, words } = await parse("-a", "id", "--bundle", "x", "-e", "--", "-1", "--help");
    expect([flags.all, flags.bundle, flags.env]).toEqual([true, undefined, undefined]);
    expect(words).toEqual(["id", "--bundle", "x", "-e", "--", "-1", "--help"]);
  });

  it("take whatever follows for their value", async () => {
    for (const value of ["", "-", "--", "-a", "--all", "a=b", "a b", "12", "007", "ä", "a\nb", "[1]"]) {
      expect((await parse("--bundle", value, "id")).flags.bundle).toBe(value);
      expect((await parse(`--bundle=${value}`, "id")).flags.bundle).toBe(value);
    }
  });

  it("that are switches take a value only behind an equals sign, as in Go", async () => {
    expect((await parse("--all=false", "id")).flags.all).toBe(false);
    expect((await parse("--all=true", "id")).flags.all).toBe(true);
    expect(await parse("--all", "false")).toMatchObject({ flags: { all: true }, words: ["false"] });
  });

  it("that are lists keep every value and its order", async () => {
    const { flags } = await parse("-e", "A=1", "--env=B=2=3", "--env", "C", "--gid", "4", "--gid=5", "id");
    expect([flags.env, flags.gid]).toEqual([
      ["A=1", "B=2=3", "C"],
      [4, 5],
    ]);
  });

  it("that are not lists have the last value that was given", async () => {
    expect((await parse("-b", "x", "--bundle", "y", "id")).flags.bundle).toBe("y");
    expect((await parse("--preserve-fds", "1", "--preserve-fds", "2", "id")).flags["preserve-fds"]).toBe(2);
  });

  it("that are left out are what they are by default", async () => {
    const { flags } = await parse("id");
    expect([flags["preserve-fds"], flags.format, flags.bundle, flags.all]).toEqual([
      0,
      "table",
      undefined,
      undefined,
    ]);
  });

  it("leave words as they are, also those that look like numbers", async () => {
    for (const word of ["1", "0x10", "1e3", "007", "-", "true", "a.b.c", "constructor", "__proto__"]) {
      expect((await parse(word, "08")).words).toEqual([word, "08"]);
    }
  });

  it.each([
    [["--nonsense"], "Unknown argument: nonsense"],
    [["-x"], "Unknown argument: x"],
    [["--no-all", "id"], "Unknown argument: no-all"],
    [["--bundle"], "--bundle: needs a value"],
    [["id", "--bundle"], undefined],
    [["--preserve-fds", "many", "id"], "--preserve-fds: must be a number"],
    [["--preserve-fds=", "id"], "--preserve-fds: must be a number"],
    [["--gid", "x", "id"], "--gid: must be a number"],
    [["--format", "xml"], '--format "xml": must be one of "table", "json"'],
  ])("%j: %s", async (args, reason) => {
    if (reason === undefined) expect((await parse(...args)).words).toEqual(args);
    else {
      await expect(parse(...args)).rejects.toMatchObject({
        code: Code.invalidArgument,
        message: `${reason}: see rund test --help`,
      });
    }
  });
});

describe("help", () => {
  it.each([["--help"], ["-h"], ["-help"]])("is there for %s", async (flag) => {
    const { help } = await parse(flag);
    expect(help).toMatch(/^Usage: rund test \[flags\] ID\n\nDoes nothing\.\n\n/);
    for (const text of ["--bundle", "-b", "--preserve-fds", "[default: 0]", "does nothing"])
      expect(help).toContain(text);
  });

  it("is not there for those who do not ask, or whose program is asked", async () => {
    expect((await parse("id")).help).toBeUndefined();
    expect((await parse("id", "--help")).help).toBeUndefined();
  });
});
