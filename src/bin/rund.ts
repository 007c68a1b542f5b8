import { basename } from "node:path";

/**
 * The one executable: the name it is called by says what it is. Each role is imported only when it is chosen,
 * because containerd waits for the shim's start and delete at every container.
 */
async function main(): Promise<void> {
  const name = basename(process.argv0);
  const args = process.argv.slice(2);
  if (name.startsWith("containerd-shim-")) {
    const { runShim } = await import("../shim/main.ts");
    await runShim(name, args);
  } else {
    const { runCommandLine } = await import("../cli/main.ts");
    await runCommandLine(name === "rund-snapshotter" ? ["snapshotter", ...args] : args);
  }
}

await main();
