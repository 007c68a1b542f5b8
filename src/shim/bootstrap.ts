import type { LogLevel } from "../common/log_line.ts";
import type { LogLevel as MessageLevel } from "../proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";

/** What containerd 2.3 and later tell `start` on its stdin. */
export interface Bootstrap {
  readonly logLevel: LogLevel;
  /** Version of the containerd that asks. */
  readonly containerdVersion: string;
  /** containerd's sockets; "" when it names none. */
  readonly ttrpcAddress: string;
  readonly grpcAddress: string;
  /** Where the shim's socket shall be, when not in the usual folder. */
  readonly socketFolder: string | undefined;
}

/**
 * The bootstrap message in what `start` got on its stdin, or undefined when that is anything else: older containerds
 * write the runtime's options there, of whatever type, or nothing. Options decode as a bootstrap message too, so it
 * counts only when it names the very container of the arguments (containerd: `pkg/shim`, parseBootstrapParams).
 */
export async function parseBootstrap(
  input: Buffer,
  { id, namespace }: { readonly id: string; readonly namespace: string },
): Promise<Bootstrap | undefined> {
  // Options do not contain the id: the codec need not be loaded for them.
  if (id === "" || !input.includes(id)) return undefined;
  const { BootstrapParams } = await import("../proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts");
  try {
    const params = BootstrapParams.decode(input);
    if (params.instanceId !== id || params.namespace !== namespace) return undefined;
    return {
      logLevel: logLevel(params.logLevel),
      containerdVersion: params.containerdVersion,
      ttrpcAddress: params.containerdTtrpcAddress,
      grpcAddress: params.containerdGrpcAddress,
      socketFolder: params.socketDir || undefined,
    };
  } catch {
    return undefined;
  }
}

/** The message's levels are numbers, lower ones say more: trace is -8, error 8, and there are higher ones. */
function logLevel(level: MessageLevel): LogLevel {
  if (level < 0) return "debug";
  if (level < 4) return "info";
  return level < 8 ? "warning" : "error";
}
