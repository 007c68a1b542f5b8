import { writeSync } from "node:fs";
import { writeAddressFile } from "./address_file.ts";
import { assertIdentifier, type ShimArguments } from "./arguments.ts";
import { type Bootstrap, parseBootstrap } from "./bootstrap.ts";
import { socketPath } from "./socket_address.ts";
import { encodeAnswer, type ShimEndpoint } from "./start_answer.ts";
import { type DaemonRequest, startDaemon } from "./start_daemon.ts";
import { readStartInput } from "./start_input.ts";

/**
 * `start`: listens, hands the listening socket to a new daemon, prints the address and ends. The daemon
 * still boots then: containerd's connection waits in the socket's backlog.
 */
export async function startShim(name: string, args: ShimArguments): Promise<void> {
  assertIdentifier("id", args.id);
  assertIdentifier("namespace", args.namespace);
  const bootstrap = await parseBootstrap(await readStartInput(), args);
  const request = daemonRequest(args, bootstrap);
  startDaemon(name, request);
  await answer(request.bundle, { path: request.socket, protocol: "ttrpc" }, bootstrap);
  // A stdin that nobody closes may still be read.
  process.exit(0);
}

function daemonRequest(args: ShimArguments, bootstrap: Bootstrap | undefined): DaemonRequest {
  const { id, namespace, logLevel } = args;
  const grpcAddress = args.address || bootstrap?.grpcAddress || "";
  return {
    id,
    namespace,
    grpcAddress,
    ttrpcAddress: bootstrap?.ttrpcAddress || process.env["TTRPC_ADDRESS"] || "",
    bundle: args.bundle || process.cwd(),
    socket: socketPath(grpcAddress, namespace, id, bootstrap?.socketFolder),
    logLevel: bootstrap?.logLevel ?? logLevel,
  };
}

/** The newest form that who asks is known to understand; the file's readers know only the older ones. */
async function answer(
  bundle: string,
  endpoint: ShimEndpoint,
  bootstrap: Bootstrap | undefined,
): Promise<void> {
  const written = await encodeAnswer("plain", endpoint);
  writeAddressFile(bundle, written);
  writeSync(1, bootstrap === undefined ? written : await encodeAnswer("protobuf", endpoint));
}
