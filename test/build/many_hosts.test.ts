import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BuildkitDaemon } from "../harness/buildkit_daemon.ts";
import { Buildx } from "../harness/buildx.ts";
import { CommandLine } from "../harness/command_line.ts";
import { ContainerdDaemon } from "../harness/containerd_daemon.ts";
import { TemporaryFolder } from "../harness/temporary_folder.ts";
import { onBase, writeContext } from "./support/build_context.ts";
import { type Certificate, CertificateAuthority } from "./support/certificates.ts";
import { type NetworkNamespace, PrivateNetwork } from "./support/private_network.ts";
import { stepOutput, succeeded } from "./support/way.ts";

const platforms = ["darwin/arm64", "darwin/amd64"] as const;
/** Each step says on which host it ran, which is the one whose network it has. */
const whereAmI = "ip -4 -o address show eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'";

interface Host {
  readonly network: NetworkNamespace;
  readonly containerd: ContainerdDaemon;
  readonly buildkitd: BuildkitDaemon;
}

describe("two hosts as one builder", () => {
  let temporary: TemporaryFolder;
  let network: PrivateNetwork;
  let authority: CertificateAuthority;
  let buildx: Buildx;
  const hosts: Host[] = [];

  beforeAll(async () => {
    temporary = await TemporaryFolder.create();
    network = await PrivateNetwork.create(platforms.length);
    authority = await CertificateAuthority.create(`${temporary.path}/tls`);
    for (const [index, host] of network.hosts.entries()) hosts.push(await startHost(host, index));
    buildx = await client(await authority.issue("client"));
  });

  afterAll(async () => {
    for (const { containerd, buildkitd } of hosts) {
      await buildkitd.stop();
      await containerd.stop();
    }
    network.remove();
    await temporary.remove();
  });

  async function startHost(namespace: NetworkNamespace, index: number): Promise<Host> {
    const folder = `${temporary.path}/${index}`;
    const containerd = await ContainerdDaemon.start({ folder, network: namespace.path });
    const certificate = await authority.issue(`host${index}`, namespace.address);
    const buildkitd = await BuildkitDaemon.start({
      folder: `${folder}/b`,
      containerd,
      network: namespace.path,
      remote: { address: `${namespace.address}:1234`, ...certificate },
      platforms: [platforms[index] ?? ""],
    });
    return { network: namespace, containerd, buildkitd };
  }

  /** A client that knows both hosts as the nodes of one builder. */
  async function client({ ca, cert, key }: Certificate): Promise<Buildx> {
    const buildx = await Buildx.offline(`${temporary.path}/client`, {}, network.client.path);
    for (const [index, { network: host }] of hosts.entries()) {
      const node = ["--name", "macs", "--node", `mac${index}`, "--platform", platforms[index] ?? ""];
      const proof = ["--driver-opt", `cacert=${ca},cert=${cert},key=${key}`];
      const append = index === 0 ? [] : ["--append"];
      const address = `tcp://${host.address}:1234`;
      await buildx.ok(["create", "--driver", "remote", ...node, ...append, ...proof, address]);
    }
    return buildx;
  }

  async function build(dockerfile: string, args: readonly string[], from = buildx) {
    const folder = await writeContext({ dockerfile });
    try {
      return await from.build(folder, ["--builder", "macs", "--no-cache", ...args]);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("share the platforms of one build", async () => {
    const dockerfile = onBase(`RUN ${whereAmI}`);
    const result = succeeded(await build(dockerfile, ["--platform", platforms.join(",")]));
    expect(stepOutput(result).toSorted()).toEqual(hosts.map(({ network }) => network.address));
  });

  it.each(["of another authority", "that shows none"])("turn away a client %s", async (kind) => {
    const folder = `${temporary.path}/stranger`;
    const { cert, key } = await (await CertificateAuthority.create(folder)).issue("stranger");
    const { ca } = await authority.issue("known");
    const shown = kind === "that shows none" ? [] : ["-cert", cert, "-key", key];
    const address = `${hosts[0]?.network.address}:1234`;
    const connect = ["s_client", "-connect", address, "-CAfile", ca, "-alpn", "h2", "-ign_eof", ...shown];
    const client = new CommandLine("nsenter", [`--net=${network.client.path}`, "openssl"]);
    const { exitCode, stdout, stderr } = await client.run(connect, { timeout: 10_000 });
    expect(stdout).toContain("Verify return code: 0 (ok)");
    expect(stderr).toMatch(/alert (unknown ca|bad certificate|certificate required)/);
    expect(exitCode).not.toBe(0);
  });

  it("one that is lost in the middle of a build ends it with an error that says so, and the other goes on", async () => {
    const [first, second] = hosts;
    if (first === undefined || second === undefined) throw new Error("no hosts");
    const folder = await writeContext({
      dockerfile: onBase(
        "ARG TARGETARCH",
        "RUN echo at it on $TARGETARCH; [ $TARGETARCH = arm64 ] || sleep 1000",
      ),
    });
    try {
      const running = buildx.spawn(
        buildx.buildArguments(folder, ["--builder", "macs", "--platform", platforms.join(",")]),
      );
      await running.waitFor(/at it on amd64/);
      await second.buildkitd.daemon.kill();
      const result = await running.result;
      expect(result.exitCode).not.toBe(0);
      expect(result.stderr).toMatch(/ERROR.*(unavailable|connection|EOF|transport)/i);
    } finally {
      await rm(folder, { recursive: true });
    }
    const after = succeeded(await build(onBase(`RUN ${whereAmI}`), ["--platform", platforms[0]]));
    expect(stepOutput(after), after.stderr).toEqual([first.network.address]);
  });
});
