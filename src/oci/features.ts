import { hookPoints } from "./hook_points.ts";
import { capabilityNames, memoryPolicyFlags, memoryPolicyModes } from "./linux_names.ts";
import { specVersion } from "./state_document.ts";

/** What the OCI runtime specification has a runtime say of itself (features.md); field names are its own. */
export interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks: readonly string[];
  readonly mountOptions: readonly string[];
  readonly linux?: LinuxFeatures;
  readonly annotations: Readonly<Record<string, string>>;
  readonly potentiallyUnsafeConfigAnnotations: readonly string[];
}

interface LinuxFeatures {
  readonly namespaces: readonly string[];
  readonly capabilities: readonly string[];
  readonly cgroup: Readonly<Record<"v1" | "v2" | "systemd" | "systemdUser" | "rdma", boolean>>;
  readonly seccomp: Enabled;
  readonly apparmor: Enabled;
  readonly selinux: Enabled;
  readonly intelRdt: Enabled;
  readonly mountExtensions: { readonly idmap: Enabled };
  readonly netDevices: Enabled;
  readonly memoryPolicy: { readonly modes: readonly string[]; readonly flags: readonly string[] };
}

interface Enabled {
  readonly enabled: boolean;
}

/** The words among a mount's options that `rund-jail mount` knows on Linux (src/jail/launcher/mount_options.c). */
const linuxMountOptions: readonly string[] = [
  ...[
    "_netdev",
    "auto",
    "noauto",
    "nofail",
    "async",
    "atime",
    "bind",
    "defaults",
    "dev",
    "diratime",
    "dirsync",
    "exec",
    "iversion",
    "lazytime",
    "loud",
  ],
  ...["mand", "noatime", "nodev", "nodiratime", "noexec", "noiversion", "nolazytime", "nomand", "norelatime"],
  ...[
    "nostrictatime",
    "nosuid",
    "nosymfollow",
    "private",
    "ratime",
    "rbind",
    "rdev",
    "rdiratime",
    "relatime",
  ],
  ...["rexec", "rnoatime", "rnodev", "rnodiratime", "rnoexec", "rnorelatime", "rnostrictatime", "rnosuid"],
  ...[
    "rnosymfollow",
    "ro",
    "rprivate",
    "rrelatime",
    "rro",
    "rrw",
    "rshared",
    "rslave",
    "rstrictatime",
    "rsuid",
  ],
  ...[
    "rsymfollow",
    "runbindable",
    "rw",
    "shared",
    "silent",
    "slave",
    "strictatime",
    "suid",
    "symfollow",
    "sync",
  ],
  "unbindable",
];

/** bindfs knows no others. */
const darwinMountOptions: readonly string[] = ["bind", "rbind", "ro", "rro", "rw"];

/** The first version of the specification that counts. */
const oldestSpec = "1.0.0";

const none: Enabled = { enabled: false };

/**
 * What a jail on the given system can honour. An empty list says "none of these", where a missing one would say "not
 * known": a jail has no namespaces and no control groups.
 */
export function features(platform: "linux" | "darwin", rundVersion: string): Features {
  return {
    ociVersionMin: oldestSpec,
    ociVersionMax: specVersion,
    hooks: hookPoints,
    mountOptions: platform === "linux" ? linuxMountOptions : darwinMountOptions,
    ...(platform === "linux" && { linux: linuxFeatures }),
    annotations: { "rund.version": rundVersion },
    // All that begin so: they change what keeps a container apart.
    potentiallyUnsafeConfigAnnotations: ["dev.rund."],
  };
}

const linuxFeatures: LinuxFeatures = {
  namespaces: [],
  capabilities: capabilityNames.map((name) => `CAP_${name}`),
  cgroup: { v1: false, v2: false, systemd: false, systemdUser: false, rdma: false },
  seccomp: none,
  apparmor: none,
  selinux: none,
  intelRdt: none,
  mountExtensions: { idmap: none },
  netDevices: none,
  memoryPolicy: { modes: Object.keys(memoryPolicyModes), flags: Object.keys(memoryPolicyFlags) },
};
