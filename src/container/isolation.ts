import { Code, RundError } from "../common/error.ts";
import type { Spec } from "../oci/spec.ts";

/** A root directory of its own, or a user of its own whose home the image is. */
export const isolations = ["chroot", "user"] as const;
export type Isolation = (typeof isolations)[number];

/** The annotation that says it for one container. */
export const isolationAnnotation = "dev.rund.isolation";

/**
 * What a container asks for by its annotation, `usual` when it says nothing.
 * @throws RundError invalidArgument
 */
export function isolationOf({ annotations }: Spec, usual: Isolation): Isolation {
  const text = annotations?.[isolationAnnotation];
  return text === undefined || text === ""
    ? usual
    : parseIsolation(`annotation ${isolationAnnotation}`, text);
}

/** @throws RundError invalidArgument that names the subject and what it may be */
export function parseIsolation(subject: string, text: unknown): Isolation {
  const isolation = isolations.find((candidate) => candidate === text);
  if (isolation !== undefined) return isolation;
  throw new RundError(
    Code.invalidArgument,
    `${subject}: must be ${isolations.join(" or ")}, not ${JSON.stringify(text)}`,
  );
}
