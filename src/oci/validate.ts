import { Code, RundError } from "../common/error.ts";
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
  spec.child("linux").optional((linux) => {
    linux.object();
    linux.child("namespaces").optional((list) => list.list((entry) => assertNamespace(entry)));
    linux.child("devices").optional((list) => list.list((entry) => assertDevice(entry)));
    linux.child("maskedPaths").optional((list) => list.list((entry) => entry.string()));
    linux.child("readonlyPaths").optional((list) => list.list((entry) => entry.string()));
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
  process.child("rlimits").optional((limits) => limits.list(assertLimit));
  process.child("consoleSize").optional((size) => {
    size.object();
    for (const side of ["height", "width"]) size.child(side).optional((field) => field.integer(0, 0xffff));
  });
}

function assertMount(mount: Field): void {
  mount.object();
  mount.child("destination").string();
  mount.child("type").optional((type) => type.string());
  mount.child("source").optional((source) => source.string());
  mount.child("options").optional((options) => options.list((option) => option.string()));
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

/** One value of a JSON document and the path to it, for errors that name it. */
class Field {
  readonly path: string;
  readonly value: unknown;

  constructor(path: string, value: unknown) {
    this.path = path;
    this.value = value;
  }

  child(name: string): Field {
    return new Field(`${this.path}: ${name}`, (this.value as Record<string, unknown>)[name]);
  }

  /** Go's encoding leaves an empty field out or writes null. */
  optional(check: (field: Field) => void): void {
    if (this.value !== undefined && this.value !== null) check(this);
  }

  object(): void {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      this.#fail("an object");
  }

  string(): void {
    if (typeof this.value !== "string") this.#fail("a string");
    if ((this.value as string).includes("\0")) this.#fail("a string without NUL");
  }

  boolean(): void {
    if (typeof this.value !== "boolean") this.#fail("true or false");
  }

  number(): void {
    if (typeof this.value !== "number") this.#fail("a number");
  }

  integer(least: number, most: number): void {
    const { value } = this;
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      this.#fail(`a whole number from ${least} to ${most}`);
    }
  }

  list(check: (entry: Field) => void): void {
    if (!Array.isArray(this.value)) this.#fail("a list");
    for (const [index, entry] of (this.value as unknown[]).entries())
      check(new Field(`${this.path}[${index}]`, entry));
  }

  #fail(expected: string): never {
    throw new RundError(Code.invalidArgument, `${this.path}: must be ${expected}`);
  }
}
