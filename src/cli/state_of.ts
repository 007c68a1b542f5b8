import { isAbsolute, join } from "node:path";
import type { Container } from "../container/container.ts";
import { specVersion } from "../oci/state_document.ts";
import type { ContainerStore } from "./container_store.ts";
import { userName } from "./user_name.ts";

/** What `state` and `list` say of a container, with the names and in the order of runc's. */
export interface ContainerState {
  /** That of this document, not the bundle's. */
  readonly ociVersion: string;
  readonly id: string;
  /** 0 when it has ended. */
  readonly pid: number;
  readonly status: string;
  readonly bundle: string;
  /** Absolute path of the root as the bundle has it. */
  readonly rootfs: string;
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner: string;
}

export function stateOf({ id, init, bundle, created }: Container, store: ContainerStore): ContainerState {
  const { root, annotations } = bundle.spec;
  const path = root?.path || "rootfs";
  return {
    ociVersion: specVersion,
    id,
    pid: init.state === "stopped" ? 0 : init.pid,
    status: init.state,
    bundle: bundle.path,
    rootfs: isAbsolute(path) ? path : join(bundle.path, path),
    created: created.toISOString(),
    ...(annotations && { annotations }),
    owner: userName(store.owner(id)),
  };
}
