import type { Server } from "node:net";
import { late } from "../common/late.ts";
import type { LogFields, Logger } from "../common/log.ts";
import type { Container } from "../container/container.ts";
import { Containers } from "../container/containers.ts";
import type { ContainerEvent } from "../container/events.ts";
import { readSettings } from "../container/settings.ts";
import { createTtrpcServer } from "../ttrpc/server.ts";
import type { Services } from "../ttrpc/service.ts";
import type { ShimArguments } from "./arguments.ts";
import { EventPublisher } from "./event_publisher.ts";
import { groupServices } from "./group_service.ts";
import { Lifetime } from "./lifetime.ts";
import { LogFifo } from "./log_fifo.ts";
import { OwnSocket } from "./own_socket.ts";
import { appendToPanicLog } from "./panic_log.ts";
import { SharedBundles } from "./shared_bundles.ts";
import { readShimSettings, type ShimSettings } from "./shim_settings.ts";
import { taskEvent } from "./task_event.ts";
import { taskServices } from "./task_service.ts";

/** The descriptor on which `start` hands over the listening socket. */
const listeningDescriptor = 3;

/** The daemon: serves the task API on the socket that `start` opened, until containerd shuts it down. */
export async function runDaemon(args: ShimArguments): Promise<void> {
  const log = new LogFifo(args.bundle, args.logLevel);
  const { logger } = log;
  surviveSurprises(logger);
  const publisher = new EventPublisher(process.env["TTRPC_ADDRESS"] ?? "", args.namespace, logger);
  const containers = new Containers(() => lifetime.creationSettled());
  const socket = new OwnSocket(args.socket);
  const end = async () => {
    // First, so that no start takes this shim for one that stays.
    socket.remove();
    await publisher.drain();
    process.exit(0);
  };
  const { bundle } = args;
  // Once the answer under way is written.
  const lifetime = new Lifetime({ containers, bundle, logger, end: () => setImmediate(end) });
  const bundles = new SharedBundles(bundle, log);
  const emit = (event: ContainerEvent) => {
    publisher.publish(taskEvent(event));
    lifetime.observe(event);
    bundles.observe(event);
  };
  const services = {
    ...taskServices({
      containers,
      settings: () => readSettings(process.env),
      context: { emit, logger, namespace: args.namespace },
      shutdown: (id) => lifetime.release(id),
    }),
    ...groupServices((id) => lifetime.announce(id)),
  };
  const server = await serverFor(readShimSettings(process.env).transport, services, logger);
  server.listen({ fd: listeningDescriptor });
  process.on("SIGUSR1", () => logger.info("shim: state", describeDaemon(containers, publisher)));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void destroyAll(containers, logger).finally(end));
  }
}

/** gRPC is loaded only where it is wanted: it would double the daemon's memory. */
async function serverFor(
  transport: ShimSettings["transport"],
  services: Services,
  logger: Logger,
): Promise<Server> {
  if (transport === "ttrpc") return createTtrpcServer(services, { logger }).server;
  const { createGrpcServer } = await import("./grpc_server.ts");
  return createGrpcServer(services);
}

/** The machine goes down, or somebody ends the shim by hand: no container outlives it. */
async function destroyAll(containers: Containers, logger: Logger): Promise<void> {
  const destroy = (container: Container) => container.destroy();
  const results = await Promise.allSettled([...containers].map(destroy));
  for (const result of results) {
    if (result.status === "rejected")
      logger.error("shim: container not destroyed", { error: String(result.reason) });
  }
}

/** What a person who sends SIGUSR1 wants to know. */
function describeDaemon(containers: Containers, publisher: EventPublisher): LogFields {
  const states = [...containers].map(({ id, init }) => `${id}=${init.state}(${init.pid})`);
  const handles = process.getActiveResourcesInfo().join(" ");
  return { containers: states.join(" "), handles, eventsPending: publisher.pending };
}

/**
 * A defect in the handling of one container must not end the others, and ending the daemon ends its containers.
 * What happened is in the panic log, which containerd prints when the shim is gone.
 */
function surviveSurprises(logger: Logger): void {
  const report = (kind: string) => (reason: unknown) => {
    appendToPanicLog(`${new Date().toISOString()} ${kind}: ${late("node:util").inspect(reason)}\n`);
    logger.error(kind, { error: late("node:util").inspect(reason) });
  };
  process.on("uncaughtException", report("uncaught exception"));
  process.on("unhandledRejection", report("unhandled rejection"));
}
