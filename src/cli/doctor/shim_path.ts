import { join } from "node:path";
import { type DoctorHost, type Finding, printed } from "./finding.ts";

const shim = "containerd-shim-rund-v1";

/** Whether containerd, which starts the shim, finds it: what counts is its own PATH. */
export async function shimFindings(host: DoctorHost): Promise<Finding[]> {
  const about = { id: "shim", title: "Shim" };
  const [pid] = (printed(await host.run("pgrep", ["-x", "containerd"])) ?? "").split("\n");
  const path = pid ? await pathOf(host, pid) : undefined;
  const whose = path === undefined ? "this shell's PATH" : `the PATH of containerd (process ${pid})`;
  const found = folders(path ?? host.environment["PATH"])
    .map((folder) => join(folder, shim))
    .find(host.isThere);
  if (found !== undefined) return [{ ...about, level: "ok", found: `${found}, on ${whose}` }];
  // Homebrew's services have no other folder on their PATH but the system's.
  const target = host.platform === "darwin" ? join(host.prefix, "bin") : "/usr/local/bin";
  const finding: Finding = {
    ...about,
    level: path === undefined ? "note" : "problem",
    found: `${shim} is not on ${whose}`,
    why: "containerd starts it by its name",
    fix: [`ln -s "$(dirname "$(readlink -f "$(command -v rund)")")/${shim}" ${target}/`],
  };
  return [finding];
}

function folders(path: string | undefined): string[] {
  return (path ?? "").split(":").filter((folder) => folder !== "");
}

/** Undefined when the environment of the process cannot be seen, as by somebody who is not root. */
async function pathOf(host: DoctorHost, pid: string): Promise<string | undefined> {
  if (host.platform === "linux") {
    const environment = host.read(`/proc/${pid}/environ`)?.split("\0");
    return environment?.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length);
  }
  // ps prints the environment behind the arguments.
  const text = printed(await host.run("ps", ["-Eww", "-o", "command=", "-p", pid])) ?? "";
  return / PATH=(\S*)/.exec(text)?.[1];
}
