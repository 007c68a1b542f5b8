import { goPrograms } from "./go_programs.ts";

/** The path of `buildkitd`, built when missing. */
export async function buildkitdProgram(): Promise<string> {
  const folder = await goPrograms({
    name: "buildkit",
    module: "github.com/moby/buildkit",
    version: "v0.32.2",
    commands: ["./cmd/buildkitd"],
    goPatch: 3,
    tags: [],
    versionVariable: "github.com/moby/buildkit/version.Version",
  });
  return `${folder}/buildkitd`;
}
