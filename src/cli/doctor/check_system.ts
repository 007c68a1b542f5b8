import { type Check, printed } from "./finding.ts";
import { isBefore, readVersion } from "./version.ts";

/** The system, its version, and whether rund is made for it. */
export const checkSystem: Check = async (host) => {
  const about = { id: "system", title: "System" };
  if (host.platform === "linux") {
    const kernel = printed(await host.run("uname", ["-r"])) ?? "unknown";
    const [, name = "Linux"] = /^PRETTY_NAME="?([^"\n]*)/m.exec(host.read("/etc/os-release") ?? "") ?? [];
    return [{ ...about, level: "ok", found: `${name}, kernel ${kernel}, ${host.architecture}` }];
  }
  const text = printed(await host.run("sw_vers", [])) ?? "";
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "unknown";
  const found = `macOS ${field("ProductVersion")} (${field("BuildVersion")}), ${host.architecture}`;
  const version = readVersion(field("ProductVersion"));
  if (version === undefined || !isBefore(version, [11, 0, 0])) return [{ ...about, level: "ok", found }];
  return [
    {
      ...about,
      level: "problem",
      found,
      why: "rund's launcher and macOS's mount_tmpfs need macOS 11",
      fix: ["update to a newer macOS"],
    },
  ];
};
