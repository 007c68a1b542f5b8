import { darwinFuseProvider } from "../../platform/darwin_fuse.ts";
import { findProgram } from "./find_program.ts";
import { type Check, type DoctorHost, type Finding, printed } from "./finding.ts";
import { isBefore, readVersion, type Version, versionText } from "./version.ts";

const macFuse = "/Library/Filesystems/macfuse.fs";
const fuseTLibraries = ["/usr/local/lib/libfuse-t.dylib", "/Library/Application Support/fuse-t"];

/** What volumes and read-only roots need on a Mac: a FUSE library, and bindfs on top of it. */
export const checkFuse: Check = async (host) => [...(await provider(host)), await bindfs(host)];

async function provider(host: DoctorHost): Promise<Finding[]> {
  const about = { id: "fuse", title: "FUSE" };
  if (host.platform === "linux") {
    if (host.isThere("/dev/fuse")) return [{ ...about, level: "ok", found: "/dev/fuse" }];
    return [
      { ...about, level: "note", found: "no /dev/fuse", why: "bindfs needs it; rund's usual mounts do not" },
    ];
  }
  const isFuseT = fuseTLibraries.some((path) => host.isThere(path));
  if (host.isThere(macFuse)) return [await macFuseFinding(host)];
  if (isFuseT) return [{ ...about, level: "ok", found: `FUSE-T${usedBy(host)}` }];
  return [
    {
      ...about,
      level: "warning",
      found: "neither macFUSE nor FUSE-T",
      why: "volumes of folders and read-only roots need one; jails without them work",
      fix: [
        "brew install --cask macfuse (a kernel extension)",
        "or: brew tap macos-fuse-t/homebrew-cask && brew install fuse-t (no extension)",
      ],
    },
  ];
}

function usedBy({ environment }: DoctorHost): string {
  return darwinFuseProvider({ ...environment, RUND_FUSE: "" }) === "fuse-t" ? ", which bindfs uses" : "";
}

async function macFuseFinding(host: DoctorHost): Promise<Finding> {
  const about = { id: "fuse", title: "FUSE" };
  const info = `${macFuse}/Contents/Info`;
  const version = readVersion(
    printed(await host.run("defaults", ["read", info, "CFBundleShortVersionString"])) ?? "",
  );
  const system = readVersion(printed(await host.run("sw_vers", ["-productVersion"])) ?? "");
  const found = `macFUSE ${version === undefined ? "of unknown version" : versionText(version)}`;
  const needed: Version = [5, 3, 1];
  if (
    version !== undefined &&
    system !== undefined &&
    !isBefore(system, [27, 0, 0]) &&
    isBefore(version, needed)
  ) {
    const why = `macOS 27 and later need macFUSE ${versionText(needed)}`;
    return { ...about, level: "problem", found, why, fix: ["brew upgrade --cask macfuse"] };
  }
  return {
    ...about,
    level: "ok",
    found: `${found}; whether its kernel extension is allowed shows in the trial mount`,
  };
}

async function bindfs(host: DoctorHost): Promise<Finding> {
  const about = { id: "bindfs", title: "bindfs" };
  const isMac = host.platform === "darwin";
  const path = findProgram(host, "bindfs");
  const install = isMac ? "brew install darwin-containers/formula/bindfs" : "apt-get install bindfs";
  if (path === undefined) {
    const why = isMac
      ? "volumes of folders and read-only roots need it"
      : "only RUND_MOUNT_DRIVER=bindfs needs it";
    return { ...about, level: isMac ? "warning" : "note", found: "not installed", why, fix: [install] };
  }
  const version = readVersion(printed(await host.run(path, ["--version"])) ?? "");
  const found = `${path}${version === undefined ? "" : `, version ${versionText(version)}`}`;
  const needed: Version = isMac ? [1, 17, 4] : [1, 14, 0];
  if (version !== undefined && !isBefore(version, needed)) return { ...about, level: "ok", found };
  const why = isMac ? "older ones do not show sockets on macOS" : "older ones lack options that rund uses";
  return { ...about, level: "warning", found, why, fix: [`${install} (${versionText(needed)} or newer)`] };
}
