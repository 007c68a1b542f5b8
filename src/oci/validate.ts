import { Field } from "./field.ts";
import { hookPoints } from "./hook_points.ts";
import type { Process, Spec } from "./spec.ts";

/** Highest user or group id: the last one is "no change" to chown(2). */
const highestId = 0xffff_fffe;

/**
 * Holds a parsed config.json against what rund reads of it, so that no later code meets a string where the
 * specification has a list.
 * @throws RundError invalidArgument that names the field
 */
export function assertSpec(subject: string, value: unknown): asserts value is Spec {
  const spec = new Field(subject, value);
  spec.object();
  spec.child("process").optional((process) => assertProcess(process.path, process.value));
  spec.child("root").optional((root) => {
    root.object();
    root.child("path").optional((path) => path.string());
    root.child("readonly").optional((readonly) => readonly.boolean());
  });
  spec.child("mounts").optional((mounts) => mounts.list(assertMount));
  spec.child("annotations").optional((annotations) => annotations.object());
  spec.child("hooks").optional(assertHooks);
  spec.child("linux").optional((linux) => {
    linux.object();
    linux.child("namespaces").optional((list) => list.list((entry) => assertNamespace(entry)));
    assertMappings(linux);
    linux.child("devices").optional((list) => list.list((entry) => assertDevice(entry)));
    linux.child("maskedPaths").optional((list) => list.list((entry) => entry.string()));
    linux.child("readonlyPaths").optional((list) => list.list((entry) => entry.string()));
    linux.child("personality").optional((personality) => {
      personality.object();
      personality.child("domain").string();
    });
    linux.child("memoryPolicy").optional((policy) => {
      policy.object();
      policy.child("mode").string();
      policy.child("nodes").optional((nodes) => nodes.string());
      policy.child("flags").optional((flags) => flags.list((flag) => flag.string()));
    });
  });
}

/**
 * The same for a process document: a spec's `process`, or what Exec carries.
 * @throws RundError invalidArgument that names the field
 */
export function assertProcess(subject: string, value: unknown): asserts value is Process {
  const process = new Field(subject, value);
  process.object();
  process.child("terminal").optional((terminal) => terminal.boolean());
  process.child("args").optional((args) => args.list((arg) => arg.string()));
  process.child("env").optional((env) => env.list((entry) => entry.string()));
  process.child("cwd").optional((cwd) => cwd.string());
  process.child("user").optional((user) => {
    user.object();
    for (const id of ["uid", "gid"]) user.child(id).optional((field) => field.integer(0, highestId));
    user.child("umask").optional((umask) => umask.integer(0, 0o777));
    user.child("additionalGids").optional((gids) => gids.list((gid) => gid.integer(0, highestId)));
  });
  assertLinuxProcess(process);
  process.child("rlimits").optional((limits) => limits.list(assertLimit));
  process.child("consoleSize").optional((size) => {
    size.object();
    for (const side of ["height", "width"]) size.child(side).optional((field) => field.integer(0, 0xffff));
  });
}

/** What only Linux can set. Numbers beyond what JavaScript counts exactly mean nothing in any of these. */
function assertLinuxProcess(process: Field): void {
  process.child("capabilities").optional((sets) => {
    sets.object();
    for (const set of ["bounding", "effective", "inheritable", "permitted", "ambient"])
      sets.child(set).optional((list) => list.list((name) => name.string()));
  });
  process.child("noNewPrivileges").optional((flag) => flag.boolean());
  process.child("oomScoreAdj").optional((score) => score.integer(-1000, 1000));
  process.child("ioPriority").optional((priority) => {
    priority.object();
    priority.child("class").string();
    priority.child("priority").integer(0, 7);
  });
  process.child("execCPUAffinity").optional((affinity) => {
    affinity.object();
    for (const cpus of ["initial", "final"]) affinity.child(cpus).optional((list) => list.string());
  });
  process.child("scheduler").optional((scheduler) => {
    scheduler.object();
    scheduler.child("policy").string();
    scheduler.child("nice").optional((nice) => nice.integer(-20, 19));
    scheduler.child("flags").optional((flags) => flags.list((flag) => flag.string()));
    for (const name of ["priority", "runtime", "deadline", "period"])
      scheduler.child(name).optional((field) => field.integer(0, Number.MAX_SAFE_INTEGER));
  });
}

function assertHooks(hooks: Field): void {
  hooks.object();
  for (const point of hookPoints) hooks.child(point).optional((list) => list.list(assertHook));
}

function assertHook(hook: Field): void {
  hook.object();
  hook.child("path").absolutePath();
  hook.child("args").optional((args) => args.list((arg) => arg.string()));
  hook.child("env").optional((env) => env.list((entry) => entry.string()));
  hook.child("timeout").optional((timeout) => timeout.integer(1, 0x7fff_ffff));
}

function assertMount(mount: Field): void {
  mount.object();
  mount.child("destination").string();
  mount.child("type").optional((type) => type.string());
  mount.child("source").optional((source) => source.string());
  mount.child("options").optional((options) => options.list((option) => option.string()));
  assertMappings(mount);
}

function assertMappings(owner: Field): void {
  for (const name of ["uidMappings", "gidMappings"])
    owner.child(name).optional((mappings) => mappings.list((mapping) => mapping.object()));
}

function assertNamespace(namespace: Field): void {
  namespace.object();
  namespace.child("type").string();
  namespace.child("path").optional((path) => path.string());
}

function assertDevice(device: Field): void {
  device.object();
  device.child("path").string();
  device.child("type").string();
}

function assertLimit(limit: Field): void {
  limit.object();
  limit.child("type").string();
  // RLIM_INFINITY is 2^64-1, which a JSON number only comes near.
  for (const side of ["soft", "hard"]) limit.child(side).number();
}
