import picomatch from "picomatch";

export type Matcher = (path: string) => boolean;

/**
 * Whether a path, with a slash in front, matches one of some globs: `/usr/share/man` from the top on, `*.pyc` and `cache/*` at any
 * depth. `*` is any part of a name, `**` any number of folders; names that begin with a dot are no exception.
 */
export function matcher(patterns: readonly string[]): Matcher {
  if (patterns.length === 0) return () => false;
  const anchored = patterns.map((pattern) => trimmed(pattern.startsWith("/") ? pattern : `/**/${pattern}`));
  return picomatch(anchored, { dot: true });
}

function trimmed(pattern: string): string {
  return pattern.length > 1 && pattern.endsWith("/") ? pattern.slice(0, -1) : pattern;
}
