import { join } from "node:path";
import { Code, RundError } from "../../common/error.ts";
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

/** On Linux a shim on containerd's PATH is all it takes; a Mac's containerd unpacks Linux images unless it is told. */
function containerd(current: ConfigValue, host: SetupHost, { snapshotter }: SetupChoices): Setting[] {
  const isOwn = snapshotter === "rund";
  const settings = [
    ...(isOwn ? proxies(host) : []),
    ...(host.platform === "darwin" ? [unpacking(current, host, snapshotter)] : []),
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
  const address = join(runtimeDirectory, "snapshotter.sock");
  const proxy = (name: string, type: string, purpose: string) => [
    { path: ["proxy_plugins", name, "type"], value: type, purpose },
    { path: ["proxy_plugins", name, "address"], value: address, purpose },
  ];
  return [
    ...proxy("rund", "snapshot", "layers of images are copies on write"),
    ...proxy("rund-diff", "diff", "layers are made without mounting anything"),
    {
      path: ["plugins", "io.containerd.service.v1.diff-service", "default"],
      value: ["rund-diff", "walking"],
      purpose: "layers are made without mounting anything",
    },
  ];
}

function unpacking(current: ConfigValue, { architecture }: SetupHost, snapshotter = "native"): Setting {
  const path = ["plugins", "io.containerd.transfer.v1.local", "unpack_config"];
  const platform = `darwin/${architecture}`;
  const differ = snapshotter === "rund" ? "rund-diff" : "walking";
  const own = { platform, snapshotter, differ };
  const there = valueAt(current, path);
  const list: readonly ConfigValue[] = Array.isArray(there) ? there : [];
  const isOurs = (entry: ConfigValue) => isTable(entry) && entry["platform"] === platform;
  const value = list.some(isOurs) ? list.map((entry) => (isOurs(entry) ? own : entry)) : [...list, own];
  return { path, value, purpose: "images of macOS can be pulled" };
}

function docker(_current: ConfigValue, _host: SetupHost, { isDefault }: SetupChoices): Setting[] {
  const purpose = "containers use it by default";
  const named: Setting = {
    path: ["runtimes", runtimeName, "runtimeType"],
    value: runtimeType,
    purpose: `docker run --runtime ${runtimeName} finds the shim`,
  };
  return [named, ...(isDefault ? [{ path: ["default-runtime"], value: runtimeName, purpose }] : [])];
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
