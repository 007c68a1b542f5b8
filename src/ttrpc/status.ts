import { Code, RundError } from "../common/error.ts";
import type { Status } from "../proto/generated/google/rpc/status.ts";

const knownCodes: ReadonlySet<number> = new Set(Object.values(Code));

function isKnown(code: number): code is Code {
  return knownCodes.has(code);
}

/** An error text may quote what the client sent; it must still fit into a frame. In UTF-16 units. */
const maxMessageLength = 64 * 1024;

/** Any thrown value as the Status that goes to the client. */
export function toStatus(reason: unknown): Status {
  const { code, message } = RundError.from(reason);
  return { code, message: message.slice(0, maxMessageLength), details: [] };
}

/** An answered Status as an error, undefined for success. Codes that rund has no name for become `unknown`. */
export function fromStatus(status: Status | undefined): RundError | undefined {
  if (status === undefined || status.code === 0) return undefined;
  return new RundError(isKnown(status.code) ? status.code : Code.unknown, status.message);
}
