export type Version = readonly [major: number, minor: number, patch: number];

/** The first version in what a program says of itself, such as `containerd github.com/containerd/containerd/v2 v2.1.9 1f2a`. */
export function readVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /(?:^|[\s v])(\d+)\.(\d+)(?:\.(\d+))?/m.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch ?? 0)];
}

export function isBefore(one: Version, other: Version): boolean {
  const index = one.findIndex((number, at) => number !== other[at]);
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0);
}

export function versionText(version: Version): string {
  return version.join(".");
}
