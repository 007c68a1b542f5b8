import { type Client, credentials, loadPackageDefinition, Metadata } from "@grpc/grpc-js";
import { loadSync, type PackageDefinition } from "@grpc/proto-loader";
import type { ContainersApi, TasksApi } from "./api_types.ts";
import { EventSubscription } from "./event_subscription.ts";
import { projectFolder } from "./project_paths.ts";

const files = ["services/tasks/v1/tasks", "services/containers/v1/containers", "services/events/v1/events"];

const callTimeout = 45_000;

let loaded: PackageDefinition | undefined;

function definitions(): PackageDefinition {
  loaded ??= loadSync(
    [...files, "events/task"].map((file) => `containerd/${file}.proto`),
    {
      includeDirs: [`${projectFolder}/proto`],
      longs: Number,
      enums: String,
      defaults: true,
    },
  );
  return loaded;
}

/**
 * A client of containerd's own gRPC API in one namespace, for what its command line does not show. Errors are
 * grpc-js's: `code` is the gRPC code.
 */
export class ApiClient {
  readonly tasks: TasksApi;
  readonly containers: ContainersApi;
  readonly #events: Client;
  readonly #clients: Client[] = [];
  readonly #metadata = new Metadata();

  constructor(address: string, namespace: string) {
    this.#metadata.set("containerd-namespace", namespace);
    this.tasks = this.#service<TasksApi>(address, "containerd.services.tasks.v1.Tasks");
    this.containers = this.#service<ContainersApi>(address, "containerd.services.containers.v1.Containers");
    this.#events = this.#client(address, "containerd.services.events.v1.Events");
  }

  /** Follows containerd's events of all namespaces; filters are containerd's own, such as `topic~=^/tasks/`. */
  subscribe(filters: readonly string[] = ["topic~=^/tasks/"]): Promise<EventSubscription> {
    const event = { type_url: "containerd.events.TaskOOM", value: Buffer.alloc(0) };
    const publish = (topic: string) => this.#call(this.#events, "Publish", { topic, event });
    return EventSubscription.open(this.#events, definitions(), filters, publish);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  #client(address: string, service: string): Client {
    let node: unknown = loadPackageDefinition(definitions());
    for (const part of service.split(".")) node = (node as Record<string, unknown>)[part];
    const Constructor = node as new (address: string, credentials: unknown) => Client;
    const client = new Constructor(`unix://${address}`, credentials.createInsecure());
    this.#clients.push(client);
    return client;
  }

  /** The service's unary calls as functions that return promises, named as in its proto, first letter small. */
  #service<T>(address: string, name: string): T {
    const client = this.#client(address, name);
    const methods = Object.entries(definitions()[name] ?? {}) as [string, { responseStream: boolean }][];
    const calls = methods
      .filter(([, method]) => !method.responseStream)
      .map(([method]) => {
        const key = `${method[0]?.toLowerCase()}${method.slice(1)}`;
        return [key, (request: unknown) => this.#call(client, method, request)];
      });
    return Object.fromEntries(calls) as T;
  }

  #call(client: Client, method: string, request: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null, response: unknown): void => {
        if (error) reject(error);
        else resolve(response);
      };
      const call = (client as unknown as Record<string, (...args: unknown[]) => unknown>)[method];
      // Also a wait that never ends must not hang its test.
      const options = { deadline: Date.now() + callTimeout };
      call?.call(client, request, this.#metadata, options, settle);
    });
  }
}
