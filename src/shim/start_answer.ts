import { Code, RundError } from "../common/error.ts";

/** How a daemon is reached. */
export interface ShimEndpoint {
  /** Absolute path of its socket. */
  readonly path: string;
  readonly protocol: "ttrpc" | "grpc";
}

/**
 * The forms in which `start` can answer (containerd: parseStartResponse): `plain`, which every containerd understands
 * and which always means ttrpc; `json` from 1.7 on; `protobuf` from 2.3 on.
 */
export type AnswerForm = "plain" | "json" | "protobuf";

/** Of the task API: a 3 would also promise containerd's sandboxes and streams. */
const version = 2;

/** What `start` prints. */
export async function encodeAnswer(form: AnswerForm, endpoint: ShimEndpoint): Promise<Uint8Array> {
  const { protocol } = endpoint;
  const address = addressOf(endpoint);
  switch (form) {
    case "plain":
      if (protocol !== "ttrpc")
        throw new RundError(Code.internal, `answer: plain text cannot say ${protocol}`);
      return Buffer.from(address);
    case "json":
      return Buffer.from(JSON.stringify({ version, address, protocol }));
    case "protobuf": {
      const { BootstrapResult } = await import(
        "../proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts"
      );
      return BootstrapResult.encode(BootstrapResult.create({ version, address, protocol })).finish();
    }
  }
}

/** containerd makes a gRPC target of the address by itself, so there it has to be a bare path. */
function addressOf({ path, protocol }: ShimEndpoint): string {
  return protocol === "grpc" ? path : `unix://${path}`;
}
