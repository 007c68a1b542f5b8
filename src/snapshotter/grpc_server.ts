import { once } from "node:events";
import { createServer, type Server } from "node:net";
import {
  Server as GrpcServer,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  type MethodDefinition,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { RundError } from "../common/error.ts";
import type { Call, GrpcMethod, GrpcService } from "./grpc_method.ts";

type Bytes = MethodDefinition<Uint8Array, Uint8Array>;

/** How long calls that are under way may take when the server closes, in milliseconds. */
const grace = 5_000;

export interface RunningServer {
  /** To listen with. */
  readonly listener: Server;
  /** Takes no more calls, and resolves when those under way have been answered. */
  close(): Promise<void>;
}

/** A server of gRPC services, under their full names. */
export function createGrpcServer(services: Readonly<Record<string, GrpcService>>): RunningServer {
  const grpc = new GrpcServer();
  for (const [name, service] of Object.entries(services)) {
    grpc.addService(definition(name, service), implementation(service));
  }
  const connections = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => connections.injectConnection(socket));
  const close = async (): Promise<void> => {
    const closed = once(listener, "close");
    listener.close();
    connections.drain(grace);
    await closed;
    grpc.forceShutdown();
  };
  return { listener, close };
}

/** Messages stay bytes here: the methods decode and encode them. */
function definition(name: string, service: GrpcService): Readonly<Record<string, Bytes>> {
  const method = ([key, { kind }]: [string, GrpcMethod]): [string, Bytes] => [
    key,
    {
      path: `/${name}/${key}`,
      requestStream: false,
      responseStream: kind === "stream",
      requestSerialize: Buffer.from,
      requestDeserialize: (bytes) => bytes,
      responseSerialize: Buffer.from,
      responseDeserialize: (bytes) => bytes,
    },
  ];
  return Object.fromEntries(Object.entries(service).map(method));
}

function implementation(service: GrpcService): UntypedServiceImplementation {
  const handlers = Object.entries(service).map(([key, method]) => [key, handler(method)]);
  return Object.fromEntries(handlers) as UntypedServiceImplementation;
}

function handler(
  method: GrpcMethod,
): handleUnaryCall<Uint8Array, Uint8Array> | handleServerStreamingCall<Uint8Array, Uint8Array> {
  return method.kind === "unary" ? unaryHandler(method.answer) : streamHandler(method.answer);
}

function unaryHandler(
  answer: (request: Uint8Array, call: Call) => Promise<Uint8Array>,
): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call, respond) =>
    void answer(call.request, callOf(call)).then(
      (response) => respond(null, response),
      (error: unknown) => respond(statusOf(error)),
    );
}

function streamHandler(
  answer: (request: Uint8Array, call: Call) => Iterable<Uint8Array>,
): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return async (stream) => {
    try {
      for (const response of answer(stream.request, callOf(stream))) {
        if (!stream.write(response)) await once(stream, "drain");
        if (stream.cancelled) return;
      }
      stream.end();
    } catch (error) {
      stream.emit("error", statusOf(error));
    }
  };
}

interface GrpcCall {
  readonly metadata: Metadata;
  once(event: "cancelled", listener: () => void): unknown;
}

function callOf(call: GrpcCall): Call {
  const controller = new AbortController();
  call.once("cancelled", () => controller.abort());
  const keys = Object.keys(call.metadata.getMap());
  const metadata = new Map(keys.map((key) => [key, call.metadata.get(key).map(String)]));
  return { signal: controller.signal, metadata };
}

function statusOf(error: unknown): { code: number; details: string } {
  const { code, message } = RundError.from(error);
  return { code, details: message };
}
