import { join } from "node:path";
import { Code, RundError } from "../../common/error.ts";
import { differName, snapshotterName, usualAddress } from "../../snapshotter/plugin.ts";
import type { ConfigFormat } from "./config_format.ts";
import { type ConfigPath, type ConfigValue, isTable, valueAt } from "./config_value.ts";

export type TargetName = "containerd" | "docker" | "buildkit";

/** A value that a daemon needs, and why, in a few words for the person whose file it is. */
export interface Setting {
  readonly path: ConfigPath;
  readonly value: ConfigValue;
  readonly purpose: string;
}

/** What a person chose on the command line. */
export interface SetupChoices {
  /** Name of the snapshotter that holds images for jails; undefined for the daemons' own choice. */
  readonly snapshotter: string | undefined;
  /** Whether docker uses rund for containers that name no runtime. */
  readonly isDefault: boolean;
}

/** The machine that is set up. */
export interface SetupHost {
  readonly platform: "linux" | "darwin";
  /** As in OCI images: arm64, amd64. */
  readonly architecture: string;
  /** Folder of Homebrew, which has the configuration of what it installs in it. */
  readonly prefix: string;
  /** Where rund's sockets are. */
  readonly runtimeDirectory: string;
}

export const runtimeType = "io.containerd.rund.v1";
export const runtimeName = "rund";

/** The daemons' programs, which are also the names of Homebrew's services. */
export const programs: Readonly<Record<TargetName, string>> = {
  containerd: "containerd",
  docker: "dockerd",
  buildkit: "buildkitd",
};

/** Where a daemon reads its configuration unless its command line says otherwise. */
export function configFile(target: TargetName, { platform, prefix }: SetupHost): string {
  const folder = platform === "darwin" ? join(prefix, "etc") : "/etc";
  // Of containerd, Homebrew keeps the place that is built in.
  if (target === "containerd") return "/etc/containerd/config.toml";
  return target === "docker" ? join(folder, "docker/daemon.json") : join(folder, "buildkit/buildkitd.toml");
}

export async function configFormat(target: TargetName): Promise<ConfigFormat> {
  if (target === "docker") return (await import("./json_format.ts")).jsonFormat;
  return (await import("./toml_format.ts")).tomlFormat;
}

/** What the daemon has to be told, given what its file says already. */
export function settingsFor(
  target: TargetName,
  current: ConfigValue,
  host: SetupHost,
  choices: SetupChoices,
): Setting[] {
  const settings = { containerd, docker, buildkit }[target];
  return settings(current, host, choices);
}

/**
 * On Linux a shim on containerd's PATH is all it takes, without a snapshotter of our own; a Mac's containerd unpacks Linux
 * images unless it is told.
 */
function containerd(current: ConfigValue, host: SetupHost, { snapshotter }: SetupChoices): Setting[] {
  const isOwn = snapshotter === snapshotterName;
  const settings = [
    ...(isOwn ? proxies(host) : []),
    ...(isOwn || host.platform === "darwin" ? [unpacking(current, host, snapshotter)] : []),
  ];
  const version = valueAt(current, ["version"]);
  if (settings.length === 0 || version === 2 || version === 3) return settings;
  if (isTable(current) && Object.keys(current).length > 0) {
    throw new RundError(
      Code.failedPrecondition,
      "containerd's configuration is of version 1: move it to version 2 first (containerd config migrate)",
    );
  }
  return [{ path: ["version"], value: 2, purpose: "the version of the file's form" }, ...settings];
}

function proxies({ runtimeDirectory }: SetupHost): Setting[] {
  const address = usualAddress(runtimeDirectory);
  const proxy = (name: string, type: string, purpose: string) => [
    { path: ["proxy_plugins", name, "type"], value: type, purpose },
    { path: ["proxy_plugins", name, "address"], value: address, purpose },
  ];
  return [
    ...proxy(snapshotterName, "snapshot", "layers of images are copies on write"),
    ...proxy(differName, "diff", "layers are made without mounting anything"),
    {
      path: ["plugins", "io.containerd.service.v1.diff-service", "default"],
      value: [differName, "walking"],
      purpose: "layers are made without mounting anything",
    },
  ];
}

/** Layers are applied by containerd itself, which this list, other than the service's, has to name. */
function unpacking(current: ConfigValue, host: SetupHost, snapshotter = "native"): Setting {
  const path = ["plugins", "io.containerd.transfer.v1.local", "unpack_config"];
  const isMac = host.platform === "darwin";
  const platform = `${host.platform}/${host.architecture}`;
  const own = { platform, snapshotter, differ: "walking" };
  const there = valueAt(current, path);
  const list = Array.isArray(there) ? there : isMac ? [] : [{ platform, snapshotter: "overlayfs" }];
  // A Mac has one snapshotter for images of macOS; on Linux each one needs an entry.
  const isOurs = (entry: ConfigValue) =>
    isTable(entry) && entry["platform"] === platform && (isMac || entry["snapshotter"] === snapshotter);
  const value = list.some(isOurs) ? list.map((entry) => (isOurs(entry) ? own : entry)) : [...list, own];
  return { path, value, purpose: `images ${isMac ? "of macOS " : ""}can be unpacked into it` };
}

function docker(_: ConfigValue, _host: SetupHost, { isDefault, snapshotter }: SetupChoices): Setting[] {
  const purpose = "containers use it by default";
  const named: Setting = {
    path: ["runtimes", runtimeName, "runtimeType"],
    value: runtimeType,
    purpose: `docker run --runtime ${runtimeName} finds the shim`,
  };
  return [
    named,
    ...(isDefault ? [{ path: ["default-runtime"], value: runtimeName, purpose }] : []),
    ...(snapshotter === undefined ? [] : storage(snapshotter)),
  ];
}

function storage(snapshotter: string): Setting[] {
  const purpose = "images are containerd's, unpacked into it";
  return [
    { path: ["features", "containerd-snapshotter"], value: true, purpose },
    { path: ["storage-driver"], value: snapshotter, purpose },
  ];
}

function buildkit(current: ConfigValue, host: SetupHost, { snapshotter }: SetupChoices): Setting[] {
  const worker = (name: string, value: ConfigValue, purpose: string): Setting => ({
    path: ["worker", "containerd", ...name.split(".")],
    value,
    purpose,
  });
  const chosen = snapshotter ?? (host.platform === "darwin" ? "native" : undefined);
  // BuildKit's fork for macOS once took the name alone.
  const isName = typeof valueAt(current, ["worker", "containerd", "runtime"]) === "string";
  return [
    { path: ["worker", "oci", "enabled"], value: false, purpose: "RUN goes through containerd, not runc" },
    worker("enabled", true, "RUN goes through containerd"),
    worker(isName ? "runtime" : "runtime.name", runtimeType, "and from there to rund"),
    worker("networkMode", "host", "jails have the host's network"),
    ...(chosen === undefined ? [] : [worker("snapshotter", chosen, "where the layers are")]),
  ];
}
