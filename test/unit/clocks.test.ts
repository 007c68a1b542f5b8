import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../harness/project_paths.ts";

/** What reads the clock that a person, or the network, may set back or forth. */
const wallClock = /Date\.now\(|gettimeofday|CLOCK_REALTIME|\btime\(NULL\)/;

/** Where that is right: what is told to others is a moment, grpc-js takes its deadlines as moments, and ids are dated. */
const moments = [
  "src/jail/launcher/shim_delete.c",
  "src/shim/grpc_support.ts",
  "src/snapshotter/differ/content_client.ts",
  "src/snapshotter/snapshot_ids.ts",
];

it("no duration is measured with a clock that can be set", () => {
  const files = readdirSync(join(projectFolder, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|c|h)$/.test(name) && !name.includes("generated"))
    .map((name) => `src/${name}`);
  const found = files.filter((name) => wallClock.test(readFileSync(join(projectFolder, name), "utf8")));
  expect(found.sort()).toEqual(moments);
});
