import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ProgramHelp } from "../../../scripts/release_help.ts";
import { bashCompletion, fishCompletion, manPage, zshCompletion } from "../../../scripts/release_texts.ts";

const help: ProgramHelp = {
  text: "Usage: rund [flags] COMMAND\n\n.starts with a dot, 'and a \\ back",
  flags: ["root", "version"],
  commands: [
    { name: "run", summary: "runs a bundle", text: "Usage: rund run", flags: ["bundle", "detach"] },
    { name: "state", summary: "prints a container's state", text: "Usage: rund state", flags: ["help"] },
  ],
};

/** What bash offers for the last word. */
function complete(...words: readonly string[]): string[] {
  const script = `${bashCompletion(help)}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rund; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  return text.split("\n").filter((line) => line !== "");
}

describe("completion for bash", () => {
  it.each([
    [
      ["rund", ""],
      ["run", "state", "--root", "--version"],
    ],
    [["rund", "s"], ["state"]],
    [
      ["rund", "run", "--"],
      ["--bundle", "--detach"],
    ],
    [["rund", "--root", "run", "--d"], ["--detach"]],
    [["rund", "nothing", "--x"], []],
  ])("of %j", (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});

it("completions of other shells name every command and flag", () => {
  for (const text of [zshCompletion(help), fishCompletion(help)]) {
    for (const word of ["run", "state", "bundle", "detach", "prints a container'\\''s state"])
      expect(text).toContain(word);
  }
});

it("the manual page shows the texts as they are", () => {
  const page = manPage(help, "1.2.3", "2026-11-22");
  expect(page).toContain("\n\\&.starts with a dot, 'and a \\e back\n");
  expect(page).toContain(".SS state\n.nf\nUsage: rund state\n.fi");
});

it("the service for launchd is a plist", () => {
  const file = fileURLToPath(new URL("../../../packaging/launchd/rund.snapshotter.plist", import.meta.url));
  const script = "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
  const parsed = JSON.parse(
    execFileSync("python3", ["-c", script], { input: readFileSync(file), encoding: "utf8" }),
  );
  expect(parsed).toMatchObject({ Label: "rund.snapshotter", RunAtLoad: true, KeepAlive: true });
});
