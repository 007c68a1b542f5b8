import { link, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import fc from "fast-check";

/** The tree of an image that wants out, and where a client, who knows nothing of that, mounts something in it. */
export interface HostileTree {
  /** Links by their path in the tree, in the order in which they are made. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly mounts: readonly { readonly destination: string; readonly kind: MountedKind }[];
  readonly cwd: string;
}

export type MountedKind = "folder" | "read-only folder" | "file" | "tmpfs";

/** Plain ones, those of which the kernel's tables show something else, and those that look like something else. */
const names = [
  "a",
  "b",
  "etc",
  "new\nline",
  "tab\tand space",
  "back\\012slash",
  "-rf",
  "...",
  "é\u202e",
  "$(x)",
];

/** What every container has mounted, or reads. */
const wellKnown = ["proc", "dev", "sys", "run", "etc", "tmp", "var", "home"];

const up = "../".repeat(30);

/** Trees whose links lead to `canary`, to the host's root, to each other and nowhere. */
export function hostileTrees(canary: string): fc.Arbitrary<HostileTree> {
  const name = fc.constantFrom(...names);
  const below = fc.constantFrom("", "/etc", "/target", "/file", "/new/deep", "/not/there");
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const target = fc.oneof(
    below.map((rest) => `${canary}${rest}`),
    below.map((rest) => `${up}${canary.slice(1)}${rest}`),
    below.map((rest) => `/proc/1/root${canary}${rest}`),
    below.map((rest) => `/proc/self/root/../..${canary}${rest}`),
    path.map((other) => `/${other}`),
    path.map((other) => `../${other}`),
    fc.constantFrom("/", ".", "..", "/proc/self/cwd", "/dev/fd/0", "nowhere"),
  );
  const place = fc.oneof(
    { weight: 3, arbitrary: path },
    { weight: 1, arbitrary: fc.constantFrom(...wellKnown) },
  );
  const part = fc.oneof(
    { weight: 5, arbitrary: name },
    { weight: 1, arbitrary: fc.constantFrom("..", ".", "") },
  );
  const destination = fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join("/")}`)
    .filter((text) => /[^./]/.test(text));
  const kind = fc.constantFrom<MountedKind[]>("folder", "read-only folder", "file", "tmpfs");
  return fc.record({
    links: fc.array(fc.record({ path: place, target }), { minLength: 3, maxLength: 12 }),
    mounts: fc.array(fc.record({ destination, kind }), { minLength: 1, maxLength: 5 }),
    cwd: fc.oneof(fc.constant("/"), destination),
  });
}

/** Makes the tree in a folder, with `busybox` as its only program. */
export async function makeHostileTree(
  folder: string,
  busybox: string,
  { links }: HostileTree,
): Promise<void> {
  for (const name of ["bin", ...wellKnown]) await mkdir(`${folder}/${name}`, { recursive: true });
  await link(busybox, `${folder}/bin/busybox`);
  await symlink("busybox", `${folder}/bin/true`);
  await writeFile(`${folder}/etc/passwd`, "root:x:0:0:root:/root:/bin/sh\n");
  for (const { path, target } of links) await putLink(`${folder}/${path}`, target, folder);
}

/** Puts a link where it can be: not through another one, which would lead out while the tree is made. */
async function putLink(path: string, target: string, folder: string): Promise<void> {
  try {
    await makeFolders(dirname(path), folder);
    await rm(path, { recursive: true, force: true });
    await symlink(target, path);
  } catch {}
}

async function makeFolders(path: string, root: string): Promise<void> {
  if (path === root) return;
  await makeFolders(dirname(path), root);
  const made = await mkdir(path).then(
    () => true,
    () => false,
  );
  if (made) return;
  const { lstat } = await import("node:fs/promises");
  if (!(await lstat(path)).isDirectory()) throw new Error(`${path}: not a folder`);
}
