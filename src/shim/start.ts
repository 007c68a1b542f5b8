import { writeSync } from "node:fs";
import { Code, RundError } from "../common/error.ts";
import { writeAddressFile } from "./address_file.ts";
import { assertIdentifier, type ShimArguments } from "./arguments.ts";
import { type Bootstrap, parseBootstrap } from "./bootstrap.ts";
import { readShimSettings } from "./shim_settings.ts";
import { socketPath } from "./socket_address.ts";
import { encodeAnswer, type ShimEndpoint } from "./start_answer.ts";
import { type DaemonRequest, startDaemon } from "./start_daemon.ts";
import { readStartInput } from "./start_input.ts";

/** A daemon that is about to end has left its socket already, so the second try succeeds unless others are as quick. */
const mostTries = 20;

/**
 * `start`: listens, hands the listening socket to a new daemon, prints the address and ends. The daemon
 * still boots then: containerd's connection waits in the socket's backlog.
 */
export async function startShim(name: string, args: ShimArguments): Promise<void> {
  assertIdentifier("id", args.id);
  assertIdentifier("namespace", args.namespace);
  const { transport, grouping } = readShimSettings(process.env);
  const bootstrap = await parseBootstrap(await readStartInput(), args);
  const bundle = args.bundle || process.cwd();
  const group = grouping ? (await import("./group.ts")).groupOf(bundle) : undefined;
  const request = daemonRequest(args, bundle, group, bootstrap);
  if (transport === "grpc") await (await import("./grpc_support.ts")).assertGrpcSupport(request.grpcAddress);
  if (group === undefined) startDaemon(name, request);
  else await startOrJoin(name, request);
  await answer(request.bundle, { path: request.socket, protocol: transport }, bootstrap);
  // A stdin that nobody closes may still be read.
  process.exit(0);
}

/** Starts the daemon of a group, or sees to it that the one that is there stays until this container is created. */
async function startOrJoin(name: string, request: DaemonRequest): Promise<void> {
  const { joinGroup } = await import("./group_service.ts");
  for (let tries = 0; tries < mostTries; tries++) {
    if (startDaemon(name, request) || (await joinGroup(request.socket, request.id))) return;
  }
  throw new RundError(Code.unavailable, `${request.socket}: neither served nor free`);
}

function daemonRequest(
  args: ShimArguments,
  bundle: string,
  group: string | undefined,
  bootstrap: Bootstrap | undefined,
): DaemonRequest {
  const { id, namespace, logLevel } = args;
  const grpcAddress = args.address || bootstrap?.grpcAddress || "";
  return {
    id,
    namespace,
    grpcAddress,
    ttrpcAddress: bootstrap?.ttrpcAddress || process.env["TTRPC_ADDRESS"] || "",
    bundle,
    socket: socketPath(grpcAddress, namespace, group ?? id, bootstrap?.socketFolder),
    logLevel: bootstrap?.logLevel ?? logLevel,
  };
}

/** The newest form that who asks is known to understand; the file's readers know only the older ones. */
async function answer(
  bundle: string,
  endpoint: ShimEndpoint,
  bootstrap: Bootstrap | undefined,
): Promise<void> {
  const written = await encodeAnswer(endpoint.protocol === "grpc" ? "json" : "plain", endpoint);
  writeAddressFile(bundle, written);
  writeSync(1, bootstrap === undefined ? written : await encodeAnswer("protobuf", endpoint));
}
