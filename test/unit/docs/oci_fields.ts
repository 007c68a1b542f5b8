/**
 * The fields of config.json in the OCI runtime specification 1.3.0 (its schema/config-schema.json and config-linux.json),
 * one level above the values where a whole object is one setting. Of other systems' sections only the name.
 */
const sections: Readonly<Record<string, string>> = {
  "": "ociVersion hostname domainname annotations solaris windows vm zos freebsd",
  "root.": "path readonly",
  "mounts[].": "destination type source options uidMappings gidMappings",
  "process.":
    "terminal consoleSize cwd env args commandLine noNewPrivileges oomScoreAdj ioPriority execCPUAffinity apparmorProfile " +
    "selinuxLabel",
  "process.user.": "uid gid umask additionalGids username",
  "process.rlimits[].": "type soft hard",
  "process.capabilities.": "bounding effective inheritable permitted ambient",
  "process.scheduler.": "policy nice priority flags runtime deadline period",
  "hooks.": "prestart createRuntime createContainer startContainer poststart poststop",
  "hooks.*[].": "path args env timeout",
  "linux.":
    "namespaces uidMappings gidMappings timeOffsets netDevices cgroupsPath resources intelRdt sysctl seccomp " +
    "rootfsPropagation maskedPaths readonlyPaths mountLabel personality",
  "linux.devices[].": "path type major minor fileMode uid gid",
  "linux.memoryPolicy.": "mode nodes flags",
};

/** Paths such as `process.user.uid`. */
export const ociFields: readonly string[] = Object.entries(sections).flatMap(([prefix, names]) =>
  names.split(" ").map((name) => prefix + name),
);

/** Where in config.json the interfaces of src/oci/spec.ts stand. */
export const interfacePlaces: Readonly<Record<string, string>> = {
  Spec: "",
  Hooks: "hooks.",
  Hook: "hooks.*[].",
  Root: "root.",
  Mount: "mounts[].",
  Process: "process.",
  Capabilities: "process.capabilities.",
  Scheduler: "process.scheduler.",
  User: "process.user.",
  Rlimit: "process.rlimits[].",
  Linux: "linux.",
  MemoryPolicy: "linux.memoryPolicy.",
  Device: "linux.devices[].",
};
