import { Code, RundError } from "../common/error.ts";
import { askedResources } from "../oci/resources.ts";
import { anyIs } from "../proto/any.ts";
import type { Any } from "../proto/generated/google/protobuf/any.ts";

const linuxResources = "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

/**
 * Update carries the OCI spec's resources as JSON inside a protobuf Any. `docker update --restart` sends some that ask
 * for nothing; what asks for something takes a control group.
 * @throws RundError unimplemented that names all that was asked for, invalidArgument for another document
 */
export function assertNoResources(resources: Any | undefined): void {
  if (resources === undefined || resources.value.length === 0) return;
  const asked = askedResources(parse(resources));
  if (asked.length === 0) return;
  throw new RundError(Code.unimplemented, `update: ${asked.join(", ")}: a jail has no cgroup`);
}

function parse(resources: Any): unknown {
  if (!anyIs(resources, linuxResources)) {
    throw new RundError(Code.invalidArgument, `update: resources: got a ${resources.typeUrl}`);
  }
  try {
    return JSON.parse(new TextDecoder().decode(resources.value));
  } catch (error) {
    const reason = (error as Error).message;
    throw new RundError(Code.invalidArgument, `update: resources: not JSON: ${reason}`, { cause: error });
  }
}
