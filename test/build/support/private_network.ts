import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { execa } from "execa";

/** Hosts, and a client that has a cable to each of them, in network namespaces of their own: nothing else can be reached. */
export class PrivateNetwork {
  readonly client: NetworkNamespace;
  readonly hosts: readonly NetworkNamespace[];

  private constructor(client: NetworkNamespace, hosts: readonly NetworkNamespace[]) {
    this.client = client;
    this.hosts = hosts;
  }

  /** Host number N, from 1 on, has the address 10.77.N.2. */
  static async create(count: number): Promise<PrivateNetwork> {
    const client = await NetworkNamespace.create("10.77.0.1");
    const hosts: NetworkNamespace[] = [];
    for (let number = 1; number <= count; number++) {
      const host = await NetworkNamespace.create(`10.77.${number}.2`);
      hosts.push(host);
      const cable = `to${number}`;
      const peer = ["peer", "name", "eth0", "netns", String(host.pid)];
      await client.ip("link", "add", cable, "type", "veth", ...peer);
      await client.ip("address", "add", `10.77.${number}.1/24`, "dev", cable);
      await client.ip("link", "set", cable, "up");
      await host.ip("address", "add", `${host.address}/24`, "dev", "eth0");
      await host.ip("link", "set", "eth0", "up");
    }
    return new PrivateNetwork(client, hosts);
  }

  /** The namespaces, and the cables with them, go when the last process in them ends. */
  remove(): void {
    for (const namespace of [...this.hosts, this.client]) namespace.remove();
  }
}

/** A network namespace, which a process that does nothing keeps alive. */
export class NetworkNamespace {
  readonly address: string;
  readonly #holder: ChildProcess;

  private constructor(address: string, holder: ChildProcess) {
    this.address = address;
    this.#holder = holder;
  }

  static async create(address: string): Promise<NetworkNamespace> {
    const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
    await once(holder, "spawn");
    const namespace = new NetworkNamespace(address, holder);
    // Until it has left ours, what is done in its namespace would be done to the host's.
    const own = readlinkSync("/proc/self/ns/net");
    while (readlinkSync(namespace.path) === own) await new Promise((resolve) => setTimeout(resolve, 2));
    await namespace.ip("link", "set", "lo", "up");
    return namespace;
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** The namespace as a file. */
  get path(): string {
    return `/proc/${this.pid}/ns/net`;
  }

  async ip(...args: readonly string[]): Promise<void> {
    await execa("nsenter", [`--net=${this.path}`, "ip", ...args]);
  }

  remove(): void {
    this.#holder.kill("SIGKILL");
  }
}
