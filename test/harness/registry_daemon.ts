import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { Daemon } from "./daemon.ts";
import { fetchPackages } from "./packages.ts";

/** A private registry of images on a port of this host, without TLS. */
export class RegistryDaemon {
  /** As it stands in front of an image's name: `127.0.0.1:PORT`. */
  readonly address: string;
  readonly daemon: Daemon;

  private constructor(folder: string, program: string, port: number) {
    this.address = `127.0.0.1:${port}`;
    this.daemon = new Daemon({
      program,
      args: ["serve", `${folder}/registry.yml`],
      env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
      socket: { host: "127.0.0.1", port },
      logFile: `${folder}/registry.log`,
    });
  }

  /** `folder` takes the images and the log. */
  static async start(folder: string): Promise<RegistryDaemon> {
    const program = `${await fetchPackages("docker-registry")}/usr/bin/docker-registry`;
    const registry = new RegistryDaemon(folder, program, await freePort());
    await mkdir(folder, { recursive: true });
    const config = {
      version: "0.1",
      log: { level: "warn", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: `${folder}/images` }, delete: { enabled: true } },
      http: { addr: registry.address },
    };
    // JSON is YAML too.
    await writeFile(`${folder}/registry.yml`, JSON.stringify(config));
    await registry.daemon.start();
    return registry;
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }
}

/** A port that nobody listens on now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
