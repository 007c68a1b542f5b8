import { hasOwnUsers } from "../oci/annotations.ts";
import type { Spec } from "../oci/spec.ts";

/**
 * The variables of a process on macOS: those of its document, and what a program there expects of whoever starts it.
 * @throws RundError invalidArgument for an annotation that means nothing
 */
export function darwinEnvironment(env: readonly string[], spec: Spec): readonly string[] {
  // Without it the system's library asks the host for a folder, which it names by a path that no jail has.
  const added = ["TMPDIR=/private/tmp"];
  // Else it asks the host's directory service for users, and a jail's own files last.
  if (hasOwnUsers(spec)) added.push("XBS_DISABLE_LIBINFO=YES");
  return [...env, ...added.filter((variable) => !isSet(env, variable))];
}

function isSet(env: readonly string[], variable: string): boolean {
  const name = variable.slice(0, variable.indexOf("=") + 1);
  return env.some((entry) => entry.startsWith(name));
}
