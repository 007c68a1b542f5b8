import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Code, errnoOf, RundError, systemError } from "../../common/error.ts";
import { platform } from "../../platform/platform.ts";
import { defineCommand } from "../command.ts";
import { newSpec } from "../new_spec.ts";

const usage = {
  name: "rund spec",
  synopsis: "[flags]",
  text: `Writes a config.json to begin with: a shell on a terminal, in the folder rootfs beside it. What else there can be is in
docs/spec-coverage.md.`,
  flags: {
    bundle: { type: "string", alias: "b", default: ".", describe: "folder to write it to" },
    rootless: { type: "boolean", describe: "no effect" },
  },
  examples: [
    ["mkdir -p bundle/rootfs && rund spec --bundle bundle", "makes a bundle, whose rootfs wants files"],
    ["rund run bundle", "and runs it"],
  ],
  anyUser: true,
} as const;

export const specCommand = defineCommand(usage, ({ bundle }) => {
  const file = join(bundle, "config.json");
  try {
    writeFileSync(file, `${JSON.stringify(newSpec(platform().name), undefined, 2)}\n`, {
      flag: "wx",
      mode: 0o644,
    });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw systemError(`spec: write ${file}`, error);
    throw new RundError(Code.alreadyExists, `${file} exists: remove it first`);
  }
  return 0;
});
