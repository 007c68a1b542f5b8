import { Code, RundError } from "../common/error.ts";
import type { Spec } from "./spec.ts";

/** Settings of one container, which clients set as annotations: `docker run --annotation dev.rund.users=jail`. */
export const annotationNames = {
  /** Whose users programs know by name: `host`, as macOS has it, or `jail` for the files in the jail. */
  users: "dev.rund.users",
  /** A seatbelt profile of macOS for the container's programs: its text, or the absolute path of a file of the host. */
  seatbelt: "dev.rund.seatbelt",
} as const;

/**
 * Whether users' names come from the jail's own files alone.
 * @throws RundError invalidArgument for another value of the annotation
 */
export function hasOwnUsers({ annotations }: Spec): boolean {
  const value = annotations?.[annotationNames.users] ?? "host";
  if (value === "host" || value === "jail") return value === "jail";
  throw new RundError(
    Code.invalidArgument,
    `annotation ${annotationNames.users}: must be host or jail, not "${value}"`,
  );
}
