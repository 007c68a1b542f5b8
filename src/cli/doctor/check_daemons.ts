import { RundError } from "../../common/error.ts";
import { planSetup } from "../setup/setup_plan.ts";
import { configFile, programs, type TargetName } from "../setup/setup_target.ts";
import { findProgram } from "./find_program.ts";
import { type Check, type DoctorHost, type Finding, printed } from "./finding.ts";
import { shimFindings } from "./shim_path.ts";
import { isBefore, readVersion, type Version, versionText } from "./version.ts";

interface DaemonFacts {
  readonly sockets: (host: DoctorHost) => readonly string[];
  readonly oldest: Version;
  readonly reason: string;
  readonly purpose: string;
}

const daemons: Readonly<Record<TargetName, DaemonFacts>> = {
  containerd: {
    sockets: ({ platform }) => [`${platform === "darwin" ? "/var" : ""}/run/containerd/containerd.sock`],
    oldest: [1, 6, 0],
    reason: "rund is tested from 1.6 on",
    purpose: "ctr, nerdctl, docker and BuildKit make containers by it",
  },
  docker: {
    sockets: ({ platform }) => [
      "/var/run/docker.sock",
      ...(platform === "linux" ? ["/run/docker.sock"] : []),
    ],
    oldest: [23, 0, 0],
    reason: "older ones cannot name a runtime by its type",
    purpose: "docker run needs it; rund works without",
  },
  buildkit: {
    sockets: ({ platform }) => [`${platform === "darwin" ? "/var" : ""}/run/buildkit/buildkitd.sock`],
    oldest: [0, 13, 0],
    reason: "older ones fail in COPY between volumes",
    purpose: "docker build and buildx need it; rund works without",
  },
};

/** The daemons: there, running, told of rund, of versions that go together, and with the shim on their PATH. */
export const checkDaemons: Check = async (host) => {
  const findings: Finding[] = [];
  for (const target of Object.keys(daemons) as TargetName[]) {
    const program = findProgram(host, programs[target]);
    findings.push(await daemonFinding(host, target, program));
    if (program !== undefined) findings.push(...(await configFindings(host, target)));
  }
  return [...findings, ...(await shimFindings(host))];
};

async function daemonFinding(
  host: DoctorHost,
  target: TargetName,
  program: string | undefined,
): Promise<Finding> {
  const { sockets, oldest, reason, purpose } = daemons[target];
  const about = { id: target, title: programs[target] };
  if (program === undefined) {
    const level = target === "containerd" ? "warning" : "note";
    return { ...about, level, found: "not installed", why: purpose, fix: installation(host, target) };
  }
  const version = readVersion(printed(await host.run(program, ["--version"])) ?? "");
  const connected = await Promise.all(sockets(host).map((socket) => host.canConnect(socket)));
  const runs = connected.includes(true) ? "runs" : "does not run, or at another place than usual";
  const found = `${program}, version ${version === undefined ? "unknown" : versionText(version)}, ${runs}`;
  if (version !== undefined && isBefore(version, oldest)) {
    return { ...about, level: "warning", found, why: reason, fix: installation(host, target) };
  }
  return { ...about, level: connected.includes(true) ? "ok" : "note", found };
}

function installation({ platform }: DoctorHost, target: TargetName): string[] {
  if (platform === "linux")
    return target === "buildkit" ? [] : [`apt-get install ${target === "docker" ? "docker.io" : target}`];
  // Neither mounts on macOS as their own projects have them.
  const formula = target === "containerd" ? target : `darwin-containers/formula/${programs[target]}`;
  return [`brew install ${formula}`, `sudo brew services start ${programs[target]}`];
}

/** By the plan of `rund setup`: what it would change is missing. */
async function configFindings(host: DoctorHost, target: TargetName): Promise<Finding[]> {
  const file = configFile(target, host);
  const about = { id: `${target}-config`, title: `Configuration of ${programs[target]}` };
  try {
    const { changes } = await planSetup(target, file, host, { snapshotter: undefined, isDefault: false });
    if (changes.length === 0) return [{ ...about, level: "ok", found: `${file}: nothing is missing` }];
    const missing = changes.map(({ path }) => path.join(".")).join(", ");
    const why = changes
      .map(({ purpose }) => purpose)
      .filter((text, index, all) => all.indexOf(text) === index)
      .join("; ");
    return [
      {
        ...about,
        level: "warning",
        found: `${file} lacks ${missing}`,
        why,
        fix: [`sudo rund setup ${target}`],
      },
    ];
  } catch (error) {
    const found = RundError.from(error).message;
    return [
      { ...about, level: "problem", found, why: "the daemon may not start with it", fix: [`mend ${file}`] },
    ];
  }
}
