import { Code, RundError } from "../common/error.ts";
import type { Process } from "../oci/spec.ts";
import { assertProcess } from "../oci/validate.ts";
import type { Any } from "../proto/generated/google/protobuf/any.ts";

/**
 * The process that Exec carries: JSON inside a protobuf Any, as containerd registers the types of the OCI
 * specification.
 * @throws RundError invalidArgument
 */
export function processDocument(spec: Any | undefined): Process {
  const text = new TextDecoder().decode(spec?.value);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new RundError(Code.invalidArgument, `exec: spec: not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  assertProcess("exec: spec", document);
  return document;
}
