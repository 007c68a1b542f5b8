import { late } from "./late.ts";

/** The gRPC codes rund answers with; ttrpc carries the same numbers in `google.rpc.Status`. */
export const Code = {
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export type Code = (typeof Code)[keyof typeof Code];

/**
 * The one error class of rund: what went wrong with what, and the gRPC code a client acts on.
 * The text is `subject: reason`, lower case; docker and containerd match on errno texts in it.
 */
export class RundError extends Error {
  override readonly name = "RundError";
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Any thrown value as a RundError; what is not one already becomes `unknown`, its text kept. */
  static from(reason: unknown): RundError {
    if (reason instanceof RundError) return reason;
    const message = reason instanceof Error ? reason.message : String(reason);
    return new RundError(codeOfErrno(reason), message, { cause: reason });
  }
}

const codeByErrno: Readonly<Record<string, Code>> = {
  ENOENT: Code.notFound,
  EEXIST: Code.alreadyExists,
  EISDIR: Code.invalidArgument,
  ENOTDIR: Code.invalidArgument,
  ELOOP: Code.invalidArgument,
  ENAMETOOLONG: Code.invalidArgument,
  EACCES: Code.permissionDenied,
  EPERM: Code.permissionDenied,
  EINVAL: Code.invalidArgument,
  ENOSPC: Code.resourceExhausted,
  EDQUOT: Code.resourceExhausted,
  EMFILE: Code.resourceExhausted,
  ENFILE: Code.resourceExhausted,
};

function codeOfErrno(reason: unknown): Code {
  const errno = errnoOf(reason);
  return (errno !== undefined && codeByErrno[errno]) || Code.unknown;
}

/** The errno name (`ENOENT`) of a Node system error, or undefined. */
export function errnoOf(reason: unknown): string | undefined {
  if (!(reason instanceof Error) || !("code" in reason)) return undefined;
  return typeof reason.code === "string" ? reason.code : undefined;
}

/** Where libuv, which Node and Bun take their texts from, has words of its own in place of strerror's. */
const strerrorTexts: Readonly<Record<string, string>> = {
  EBUSY: "device or resource busy",
  EEXIST: "file exists",
  EISDIR: "is a directory",
  ELOOP: "too many levels of symbolic links",
  ENAMETOOLONG: "file name too long",
  EXDEV: "invalid cross-device link",
};

/**
 * The strerror text in a Node system error: "no such file or directory" of
 * "ENOENT: no such file or directory, open '/x'", and of "spawn /x ENOENT", which has it by number only. Clients
 * match on these texts, never on errno names.
 */
export function errnoText(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const [, name = "", text] = /^(E[A-Z0-9]+): ([^,]+)/.exec(reason.message) ?? [];
  return strerrorTexts[name || (errnoOf(reason) ?? "")] ?? text ?? textOfNumber(reason) ?? reason.message;
}

function textOfNumber(reason: Error): string | undefined {
  const number = "errno" in reason && typeof reason.errno === "number" ? reason.errno : 0;
  return late("node:util").getSystemErrorMap().get(number)?.[1];
}

/** Wraps a thrown system error as `subject: strerror text`, with the code that its errno maps to. */
export function systemError(subject: string, reason: unknown): RundError {
  if (reason instanceof RundError) return reason;
  return new RundError(codeOfErrno(reason), `${subject}: ${errnoText(reason)}`, { cause: reason });
}
