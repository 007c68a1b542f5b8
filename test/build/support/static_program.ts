import { execa } from "execa";
import { inject } from "vitest";
import { projectFolder } from "../../harness/project_paths.ts";
import { uniqueId } from "../../harness/unique_id.ts";

/** Compiles a C file of this folder into a program without libraries, for what nothing in busybox does. */
export async function staticProgram(name: "ask_agent" | "set_attribute"): Promise<string> {
  const program = `${inject("builds").folder}/${uniqueId(name)}`;
  await execa("cc", ["-static", "-O1", "-o", program, `${projectFolder}/test/build/support/${name}.c`]);
  return program;
}
