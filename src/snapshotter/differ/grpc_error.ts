import type { ServiceError } from "@grpc/grpc-js";
import { Code, RundError } from "../../common/error.ts";

/** What a call to another service was refused with. */
export function grpcError(subject: string, error: unknown): RundError {
  if (!(error instanceof Error) || !("details" in error)) return RundError.from(error);
  const { code, details } = error as ServiceError;
  const known = Object.values(Code).find((candidate) => candidate === code) ?? Code.unknown;
  return new RundError(known, `${subject}: ${details}`, { cause: error });
}
