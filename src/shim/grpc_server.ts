import { createServer, type Server } from "node:net";
import {
  Server as GrpcServer,
  type handleUnaryCall,
  type Metadata,
  type MethodDefinition,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { RundError } from "../common/error.ts";
import type { CallContext, Method, Service, Services } from "../ttrpc/service.ts";

/** Under which containerd passes the namespace of a call over gRPC. */
const namespaceKey = "containerd-namespace";

type Bytes = MethodDefinition<Uint8Array, Uint8Array>;

/** A server that answers the calls of `services` over gRPC: the methods are the same as over ttrpc. */
export function createGrpcServer(services: Services): Server {
  const grpc = new GrpcServer();
  for (const [name, service] of Object.entries(services)) {
    grpc.addService(definition(name, service), implementation(name, service));
  }
  const connections = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  return createServer((socket) => connections.injectConnection(socket));
}

/** gRPC's own names in front of the methods; messages stay bytes, since the methods decode them. */
function definition(name: string, service: Service): Readonly<Record<string, Bytes>> {
  const method = (key: string): Bytes => ({
    path: `/${name}/${key}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: Buffer.from,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: Buffer.from,
    responseDeserialize: (bytes) => bytes,
  });
  return Object.fromEntries(Object.keys(service).map((key) => [key, method(key)]));
}

function implementation(name: string, service: Service): UntypedServiceImplementation {
  const handlers = Object.entries(service).map(([key, method]) => [key, handler(name, key, method)]);
  return Object.fromEntries(handlers) as UntypedServiceImplementation;
}

function handler(service: string, name: string, method: Method): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call, respond) => void answer(method, callContext(service, name, call), call.request, respond);
}

async function answer(
  method: Method,
  context: CallContext,
  request: Uint8Array,
  respond: sendUnaryData<Uint8Array>,
): Promise<void> {
  try {
    respond(null, await method(request, context));
  } catch (error) {
    const { code, message } = RundError.from(error);
    respond({ code, details: message });
  }
}

function callContext(
  service: string,
  method: string,
  call: ServerUnaryCall<Uint8Array, Uint8Array>,
): CallContext {
  const controller = new AbortController();
  call.once("cancelled", () => controller.abort());
  const metadata = readMetadata(call.metadata);
  return { service, method, metadata, namespace: metadata.get(namespaceKey)?.[0], signal: controller.signal };
}

function readMetadata(metadata: Metadata): Map<string, string[]> {
  const keys = Object.keys(metadata.getMap());
  return new Map(keys.map((key) => [key, metadata.get(key).map(String)]));
}
