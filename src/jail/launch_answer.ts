import { Code, RundError } from "../common/error.ts";

/** One message of the launcher on its control line. */
export type LaunchAnswer =
  | { readonly kind: "ready"; readonly pid: number }
  | { readonly kind: "input" }
  | { readonly kind: "started" }
  | { readonly kind: "closed" }
  | { readonly kind: "exited" }
  | { readonly kind: "error"; readonly error: RundError };

const codes: Readonly<Record<string, Code>> = {
  ENOENT: Code.notFound,
  ENOTDIR: Code.invalidArgument,
  EISDIR: Code.invalidArgument,
  EINVAL: Code.invalidArgument,
  ENOEXEC: Code.invalidArgument,
  ELOOP: Code.invalidArgument,
  ENAMETOOLONG: Code.invalidArgument,
  E2BIG: Code.invalidArgument,
  EMSGSIZE: Code.invalidArgument,
  EACCES: Code.permissionDenied,
  EPERM: Code.permissionDenied,
  ENOMEM: Code.resourceExhausted,
  EAGAIN: Code.resourceExhausted,
  ENOSPC: Code.resourceExhausted,
  EMFILE: Code.resourceExhausted,
  ENFILE: Code.resourceExhausted,
};

/** Parses a message of the launcher, without its NUL. What is none becomes an internal error. */
export function parseLaunchAnswer(message: string): LaunchAnswer {
  const [kind, first = "", ...rest] = message.split(" ");
  switch (kind) {
    case "ready":
      return { kind, pid: Number(first) };
    case "input":
    case "started":
    case "exited":
    case "closed":
      return { kind };
    case "error":
      return { kind, error: new RundError(codes[first] ?? Code.unknown, rest.join(" ")) };
    default:
      return { kind: "error", error: new RundError(Code.internal, `launcher: unknown answer "${message}"`) };
  }
}
