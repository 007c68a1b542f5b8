import { Client, credentials } from "@grpc/grpc-js";
import { Code, RundError } from "../common/error.ts";
import { VersionResponse } from "../proto/generated/containerd/services/version/v1/version.ts";

/** How long containerd may take to tell its version, in milliseconds; it is waiting for `start` all the while. */
const timeoutMs = 5_000;

/**
 * Holds a containerd against what it can do with a shim that speaks gRPC.
 * @throws RundError failedPrecondition when it cannot use one, unavailable when it does not tell its version
 */
export async function assertGrpcSupport(address: string): Promise<void> {
  assertGrpcVersion(await askVersion(address));
}

/**
 * Only 1.7 can: before, shims had but ttrpc; 2.0 and later take a gRPC connection that has nothing to do for a dead shim,
 * so that containers would vanish right after their start.
 * @throws RundError failedPrecondition for any other version
 */
export function assertGrpcVersion(version: string): void {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === "1" && Number(minor) >= 7) return;
  const text = `RUND_TRANSPORT: grpc works with containerd 1.7 only, this one is ${version || "of no known version"}`;
  throw new RundError(Code.failedPrecondition, `${text}; unset it to use ttrpc`);
}

/**
 * The version of the running daemon. Its program's own word would not do: after an upgrade the file is newer than what
 * runs, and where containerd is built into another program there is no file of its own.
 */
function askVersion(address: string): Promise<string> {
  const client = new Client(`unix:${address}`, credentials.createInsecure());
  const method = "/containerd.services.version.v1.Version/Version";
  const options = { deadline: Date.now() + timeoutMs };
  return new Promise<string>((resolve, reject) => {
    const settle = (error: Error | null, response?: VersionResponse): void => {
      client.close();
      if (error === null) resolve(response?.version ?? "");
      else
        reject(new RundError(Code.unavailable, `RUND_TRANSPORT: ask containerd's version: ${error.message}`));
    };
    const empty = (): Buffer => Buffer.alloc(0);
    client.makeUnaryRequest(method, empty, (bytes) => VersionResponse.decode(bytes), {}, options, settle);
  });
}
