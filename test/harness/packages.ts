import { rename, rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { DebianSuite, exists } from "./debian_suite.ts";
import { withFileLock } from "./file_lock.ts";
import { cacheFolder } from "./project_paths.ts";

/** What is fetched together: the first suite whose `packages[0]` has the wanted version serves it. */
interface PackageSet {
  readonly suites: readonly string[];
  readonly packages: readonly string[];
  /** The version that the tests are written for, as a prefix: `2.1.`. */
  readonly version: string;
}

const sets = {
  "containerd-2.1": { suites: ["forky", "sid"], packages: ["containerd"], version: "2.1." },
  "containerd-1.7": { suites: ["trixie"], packages: ["containerd"], version: "1.7." },
  "containerd-1.6": { suites: ["bookworm"], packages: ["containerd"], version: "1.6." },
  "docker-28.5": {
    suites: ["forky", "sid"],
    packages: ["docker.io", "docker-cli", "docker-buildx"],
    version: "28.5.",
  },
  "docker-26.1": {
    suites: ["trixie"],
    packages: ["docker.io", "docker-cli", "docker-buildx"],
    version: "26.1.",
  },
  runc: { suites: ["bookworm"], packages: ["runc"], version: "1.1." },
  bindfs: { suites: ["bookworm"], packages: ["bindfs", "libfuse2"], version: "1.14." },
  busybox: { suites: ["bookworm"], packages: ["busybox-static"], version: "1.35." },
  filesystems: {
    suites: ["bookworm"],
    packages: ["btrfs-progs", "xfsprogs", "liblzo2-2", "libinih1", "liburcu8"],
    version: "6.2",
  },
  // Debian's compiler needs nothing else of the system; its package of this name only gathers the parts.
  "go-1.26": { suites: ["forky", "sid"], packages: ["golang-1.26-go", "golang-1.26-src"], version: "1.26." },
  "docker-registry": { suites: ["bookworm"], packages: ["docker-registry"], version: "2.8." },
  podman: {
    suites: ["bookworm"],
    // With the libraries that a small system does not have.
    packages: [
      ...["podman", "buildah", "conmon", "libgpgme11", "libassuan0", "libsubid4"],
      ...["libdevmapper1.02.1", "libseccomp2", "libglib2.0-0"],
    ],
    version: "4.3.",
  },
} satisfies Record<string, PackageSet>;

export type PackageSetName = keyof typeof sets;

/**
 * The folder with a set's unpacked files, fetched when it is not in the cache. Safe to call from several
 * processes at once; a download that was cut off is never taken for a whole one, since a set appears by rename.
 */
export async function fetchPackages(name: PackageSetName): Promise<string> {
  const { stdout: architecture } = await execa("dpkg", ["--print-architecture"]);
  const folder = `${cacheFolder()}/debian-${architecture}`;
  const target = `${folder}/${name}`;
  if (await exists(target)) return target;
  return withFileLock(`${folder}/.lock`, async () => {
    if (!(await exists(target))) await fetchSet(name, sets[name], folder);
    return target;
  });
}

async function fetchSet(name: string, set: PackageSet, folder: string): Promise<void> {
  const seen: string[] = [];
  for (const suiteName of set.suites) {
    const suite = new DebianSuite(suiteName, `${folder}/lists-${suiteName}`);
    await suite.update();
    const version = await suite.candidate(set.packages[0] ?? name);
    seen.push(`${suiteName} has ${version ?? "none"}`);
    if (!version?.startsWith(set.version)) continue;
    process.stderr.write(`fetching ${set.packages.join(", ")} ${version} from Debian ${suiteName}\n`);
    const partial = `${folder}/${name}.partial`;
    await rm(partial, { recursive: true, force: true });
    await suite.unpack(set.packages, partial);
    await writeFile(`${partial}/version`, `${version}\n`);
    await rename(partial, `${folder}/${name}`);
    return;
  }
  throw new Error(`${name}: version ${set.version}x not found in Debian (${seen.join(", ")})`);
}
