/** One part of the test run: a check that passes or fails as a whole, or a vitest project whose tests are counted. */
export interface Stage {
  readonly name: string;
  /** A program with arguments, or the name of a vitest project. */
  readonly command?: readonly [string, ...string[]];
  readonly project?: string;
  /** Parts of names of its test files; all of them when left out. */
  readonly files?: readonly string[];
  /** Patterns of test files that it leaves out. */
  readonly without?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether it may run beside others that say so too: it has daemons, folders and names of its own, and measures no
   * speed. Such stages mostly wait for one process after another, so two of them take little longer than one.
   */
  readonly isSociable?: boolean;
}

/** The C code with address and undefined-behaviour checks; what only races or counts time is left to the plain run. */
const sanitizedFiles = [
  "shim_front",
  "launch_basics",
  "launch_paths",
  "launch_request",
  "launch_user",
  "user",
  "gate",
  "launcher/input",
  "kept_descriptors",
  "console",
  "home",
  "user_home",
  "process_table",
  "terminal",
  "mount_kernel",
  "mount_files",
  "mount_darwin",
  "dns",
  "clone",
  "tree_commands",
  "launcher/diff",
];

/** Which programs and settings an end-to-end run is about. */
interface World {
  readonly containerd: string;
  readonly docker: string;
  /** Where docker keeps images: itself (overlay2, vfs) or in containerd (overlayfs, native). */
  readonly storage: string;
  readonly mountDriver: string;
}

/** Tests that start no containerd or one of their own: other programs of the run's would change nothing about them. */
const sameEverywhere = ["test/e2e/shim_*", "test/e2e/harness*"];

/** The host's users are one thing that stages have in common: each makes jails' users of numbers of its own. */
let firstUser = 70_000;
function ownUsers(): { readonly RUND_USERS: string } {
  const users = `${firstUser}-${firstUser + 63}`;
  firstUser += 100;
  return { RUND_USERS: users };
}

/** The end-to-end tests, all of them or those that go through the run's containerd and dockerd. */
function endToEnd(name: string, world: World, without: readonly string[] = []): Stage {
  const { containerd, docker, storage, mountDriver } = world;
  const versions = { RUND_CONTAINERD: containerd, RUND_DOCKER: docker, RUND_STORAGE: storage };
  return {
    name,
    project: "e2e",
    without,
    env: { ...versions, RUND_MOUNT_DRIVER: mountDriver, ...ownUsers() },
    isSociable: true,
  };
}

/**
 * Each version of containerd and of docker, each of docker's stores and each mount driver has every test that goes
 * through it, and each driver has all tests.
 */
const endToEndStages: readonly Stage[] = [
  endToEnd("e2e-kernel", { containerd: "2.1", docker: "28.5", storage: "overlay2", mountDriver: "kernel" }),
  endToEnd("e2e-bindfs", { containerd: "1.7", docker: "26.1", storage: "overlayfs", mountDriver: "bindfs" }),
  endToEnd(
    "e2e-1.6",
    { containerd: "1.6", docker: "26.1", storage: "vfs", mountDriver: "kernel" },
    sameEverywhere,
  ),
  endToEnd(
    "e2e-2.3",
    { containerd: "2.3", docker: "28.5", storage: "native", mountDriver: "bindfs" },
    sameEverywhere,
  ),
];

const stages: readonly Stage[] = [
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "typecheck", command: ["npm", "run", "--silent", "typecheck"] },
  { name: "unit", project: "unit" },
  { name: "darwin", command: ["node", "--import", "tsx", "scripts/build_launcher.ts", "--darwin"] },
  { name: "launcher", project: "launcher" },
  { name: "sanitized", project: "launcher", files: sanitizedFiles, env: { RUND_TEST_SANITIZED: "1" } },
  { name: "runtime", project: "runtime" },
  ...endToEndStages,
  { name: "e2e-snapshots", project: "snapshots", isSociable: true },
  { name: "e2e-images", project: "build", env: ownUsers(), isSociable: true },
  { name: "release", command: ["node", "--import", "tsx", "scripts/release.ts"], isSociable: true },
  { name: "abuse", project: "abuse" },
];

/** The stages of these names, all without any; those that run what stands in dist/ have it built before. */
export function chosenStages(names: readonly string[]): readonly Stage[] {
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    const known = stages.map((stage) => stage.name).join(", ");
    throw new Error(`${unknown.join(", ")}: no such stage (there are: ${known})`);
  }
  if (names.length === 0) return stages;
  const needsBuild = names.some((name) => /^(runtime|e2e|abuse)/.test(name));
  return stages.filter(({ name }) => names.includes(name) || (name === "build" && needsBuild));
}
