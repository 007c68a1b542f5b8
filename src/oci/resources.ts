import { Code, RundError } from "../common/error.ts";

/** Values that lift a limit: there is none in a jail, so they are granted. */
const unlimited: Readonly<Record<string, (value: number) => boolean>> = {
  "cpu.quota": isNegative,
  "memory.limit": isNegative,
  "memory.reservation": isNegative,
  "memory.swap": isNegative,
  "memory.kernel": isNegative,
  "memory.kernelTCP": isNegative,
  "pids.limit": (value) => value <= 0,
};

/**
 * What a `LinuxResources` document of the OCI runtime spec asks for, as `memory.limit`, in the document's order. Clients
 * send whole structures, so what is empty, false, zero or lifts a limit asks for nothing.
 * @throws RundError invalidArgument unless it is an object
 */
export function askedResources(document: unknown): string[] {
  if (!isObject(document)) throw new RundError(Code.invalidArgument, "resources: must be an object");
  return Object.entries(document).flatMap(([name, value]) => {
    if (!isObject(value)) return asksFor(name, value) ? [name] : [];
    const paths = Object.entries(value).map(([field, part]) => [`${name}.${field}`, part] as const);
    return paths.filter(([path, part]) => asksFor(path, part)).map(([path]) => path);
  });
}

function asksFor(path: string, value: unknown): boolean {
  if (typeof value === "number") return value !== 0 && !unlimited[path]?.(value);
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== "" && value !== false && value !== null;
}

function isNegative(value: number): boolean {
  return value < 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
