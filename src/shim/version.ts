import { writeSync } from "node:fs";
import { build } from "../common/build.ts";

/** `-v`: the layout of containerd's own shims, because people and tools read it. */
export function printVersion(name: string): void {
  const { version, revision } = build;
  writeSync(
    1,
    `${name}:\n  Version:  ${version}\n  Revision: ${revision}\n  Runtime:  ${runtimeVersion()}\n\n`,
  );
}

/** What is said to a person who starts the shim by hand. */
export function printUsage(name: string, action: string): never {
  const problem = action === "" ? "no action given" : `unknown action "${action}"`;
  writeSync(
    2,
    `${name}: ${problem}
This is a containerd shim: containerd starts it, people do not. Try one of these instead:
  ctr run --rm --runtime io.containerd.rund.v1 IMAGE ID COMMAND
  docker run --rm --runtime rund --network host IMAGE COMMAND
  ${name} -v      shows the version
`,
  );
  process.exit(1);
}

function runtimeVersion(): string {
  const bun = process.versions["bun"];
  return bun === undefined ? `node ${process.version}` : `bun ${bun}`;
}
