import { inject } from "vitest";

/** How much abuse there is: numbers of the environment, for a longer night or a quick look. */
export const amounts = {
  /** Containers that are churned. */
  containers: amount("RUND_ABUSE_CONTAINERS", 500),
  /** Containers that are alive at the same time. */
  crowd: amount("RUND_ABUSE_CROWD", 30),
  /** Frames that are thrown at a shim. */
  frames: amount("RUND_ABUSE_FRAMES", 1_000_000),
  /** Containers that are made while a process swaps links under them, with each mount driver. */
  races: amount("RUND_ABUSE_RACES", 20),
  /** Random images whose links lead out, with each mount driver. */
  images: amount("RUND_ABUSE_IMAGES", 20),
} as const;

/**
 * The seed of one test: the run's, mixed with a name, so that a test that runs alone draws what it drew in the whole
 * suite.
 */
export function seedOf(name: string): number {
  let seed = inject("abuseSeed");
  for (const letter of name) seed = Math.imul(seed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return seed >>> 0;
}

function amount(name: string, usual: number): number {
  const value = Number(process.env[name] ?? usual);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${name}: not a positive whole number: ${process.env[name]}`);
}
