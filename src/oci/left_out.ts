import type { Spec } from "./spec.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields that no jail has: there are no namespaces and control groups, and the host's names and clocks are shared. */
const never: Readonly<Record<string, readonly string[]>> = {
  "": ["hostname", "domainname", "solaris", "windows", "vm", "zos", "freebsd"],
  process: ["apparmorProfile", "selinuxLabel", "commandLine"],
  linux: [
    ...["namespaces", "sysctl", "resources", "cgroupsPath", "netDevices", "seccomp", "rootfsPropagation"],
    ...["mountLabel", "intelRdt", "timeOffsets"],
  ],
};

/** What only Linux has. */
const linuxOnly: Readonly<Record<string, readonly string[]>> = {
  process: ["capabilities", "noNewPrivileges", "oomScoreAdj", "scheduler", "ioPriority", "execCPUAffinity"],
  linux: ["devices", "maskedPaths", "readonlyPaths", "memoryPolicy", "personality"],
};

/**
 * The fields of a spec that are set and that a jail on this system cannot have, such as `linux.seccomp`. A spec made for
 * another system or another runtime asks for much of this without meaning it, so it is left out, and told in the log.
 */
export function leftOut(spec: Spec, system: "linux" | "darwin"): string[] {
  const tables = system === "linux" ? [never] : [never, linuxOnly];
  return tables
    .flatMap((table) => Object.entries(table))
    .flatMap(([section, names]) => {
      const fields = section === "" ? (spec as unknown as Fields) : (spec as unknown as Fields)[section];
      const prefix = section === "" ? "" : `${section}.`;
      return names
        .filter((name) => isSet((fields as Fields | undefined)?.[name]))
        .map((name) => prefix + name);
    });
}

/** An empty object or list asks for nothing: docker's specs carry some of them for other systems. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
