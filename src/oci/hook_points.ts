import type { Hooks } from "./spec.ts";

/** A point in a container's life at which hooks run. */
export type HookPoint = keyof Hooks;

/** In the order in which they come. */
export const hookPoints: readonly HookPoint[] = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
];
