import type { StdioUris } from "../io/stdio.ts";
import type { Mount } from "../oci/spec.ts";

/** What happens to a container's processes, free of any transport; each edge turns it into its own messages. */
export type ContainerEvent =
  | {
      readonly kind: "created";
      readonly containerId: string;
      readonly pid: number;
      readonly bundle: string;
      readonly rootfs: readonly Mount[];
      readonly uris: StdioUris;
    }
  | { readonly kind: "started"; readonly containerId: string; readonly pid: number }
  | { readonly kind: "paused" | "resumed"; readonly containerId: string }
  | { readonly kind: "exec-added"; readonly containerId: string; readonly execId: string }
  | {
      readonly kind: "exec-started";
      readonly containerId: string;
      readonly execId: string;
      readonly pid: number;
    }
  | {
      /** `processId` is the container's id for the init, the exec's id for an exec: docker tells them apart by it. */
      readonly kind: "exited";
      readonly containerId: string;
      readonly processId: string;
      readonly pid: number;
      readonly status: number;
      readonly exitedAt: Date;
    }
  | {
      readonly kind: "deleted";
      readonly containerId: string;
      readonly pid: number;
      readonly status: number;
      readonly exitedAt: Date;
    };

/** Takes events in the order in which they happened; must not throw or block. */
export type EventSink = (event: ContainerEvent) => void;
