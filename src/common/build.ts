import packageJson from "../../package.json" with { type: "json" };

/** Set by scripts/build.ts when the executable is compiled. */
declare const RUND_REVISION: string | undefined;

/** What this program was made of: the project's version, and the commit when it is compiled. */
export const build = {
  version: packageJson.version,
  revision: typeof RUND_REVISION === "undefined" ? "" : RUND_REVISION,
} as const;
