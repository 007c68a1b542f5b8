import { readdir } from "node:fs/promises";
import { expect, inject, it } from "vitest";
import { projectFolder } from "../harness/project_paths.ts";
import { Way } from "./support/way.ts";

const examples = `${projectFolder}/bundle-examples/dockerfiles`;

/** What a person would give; nothing of it is built, so the base may be empty. */
const flags: Readonly<Record<string, readonly string[]>> = {
  "xcode-project": ["--build-arg", "SCHEME=App"],
};

const folders = (await readdir(examples, { withFileTypes: true })).filter((entry) => entry.isDirectory());

it.each(folders.map(({ name }) => name))(
  "BuildKit finds nothing to say about the example %s",
  async (name) => {
    const [provided] = inject("builds").ways;
    if (provided === undefined) throw new Error("no way to build");
    const way = new Way(provided);
    const outline = ["--call=outline,format=json", "--build-arg", "BASE=scratch", ...(flags[name] ?? [])];
    const { exitCode, stdout, stderr } = await way.buildx.build(`${examples}/${name}`, [
      ...way.flags,
      ...outline,
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toMatch(/warning/i);
    expect(stdout).toContain("BASE");
  },
);
