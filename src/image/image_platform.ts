import { readFileSync } from "node:fs";
import { Code, RundError } from "../common/error.ts";
import { hostPath } from "./image_plan.ts";

/** Which systems can use an image, in the words of Go, as the OCI image specification has them. */
export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  /** The release of the system that the files are of; only for macOS. */
  readonly osVersion?: string;
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** This machine's own. */
export function hostPlatform(): ImagePlatform {
  return { os: process.platform, architecture: architectures[process.arch] ?? process.arch };
}

/**
 * Reads `darwin/arm64` or `linux/arm/v7`.
 * @throws RundError invalidArgument
 */
export function parsePlatform(text: string): ImagePlatform {
  const [, os, architecture, variant] = /^([a-z]+)\/([a-z0-9]+)(?:\/(v\d+))?$/.exec(text) ?? [];
  if (os === undefined || architecture === undefined) {
    throw new RundError(Code.invalidArgument, `--platform ${text}: must look like darwin/arm64`);
  }
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

const versionFile = "/System/Library/CoreServices/SystemVersion.plist";

/** The release of the macOS in a folder, or of the running one when files that are none of the system's stand there. */
export function darwinVersion(
  root: string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const own = productVersion(hostPath(root, versionFile));
  return own ?? (platform === "darwin" ? productVersion(versionFile) : undefined);
}

function productVersion(file: string): string | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return /<key>ProductVersion<\/key>\s*<string>([^<]+)<\/string>/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}
