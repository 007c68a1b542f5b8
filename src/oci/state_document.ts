import type { Bundle } from "./bundle.ts";

/** The version of the runtime specification that rund follows. */
export const specVersion = "1.3.0";

/** A container's state in the words of the OCI runtime specification. */
export type Status = "creating" | "created" | "running" | "stopped";

/** The state of a container as hooks get it on their standard input. `pid` is 0 where there is no process any more. */
export function stateDocument(bundle: Bundle, id: string, status: Status, pid: number): string {
  const { annotations } = bundle.spec;
  return JSON.stringify({
    ociVersion: specVersion,
    id,
    status,
    ...(pid !== 0 && { pid }),
    bundle: bundle.path,
    ...(annotations && { annotations }),
  });
}
