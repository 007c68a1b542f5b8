/**
 * Which processes are a jail's: those whose root directory is this absolute host path or lies below it, or, where nothing is
 * chrooted into, those of a user that nobody else is.
 */
export type ProcessSet = string | { readonly uid: number };

/** The launcher's words for it. */
export function selection(set: ProcessSet): readonly [option: string, value: string] {
  return typeof set === "string" ? ["--root", set] : ["--uid", String(set.uid)];
}
