import { readFileSync, realpathSync, statSync } from "node:fs";
import { Code, RundError, systemError } from "../../common/error.ts";
import { darwinList } from "../../image/darwin_list.ts";
import { type ImageList, joinLists, parseList, wholeFolder } from "../../image/image_list.ts";
import {
  darwinVersion,
  hostPlatform,
  type ImagePlatform,
  parsePlatform,
} from "../../image/image_platform.ts";

export interface SourceFlags {
  readonly from?: string | undefined;
  readonly files?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly platform?: string | undefined;
  readonly "os-version"?: string | undefined;
}

/** What an image is made of. */
export interface ImageSource {
  readonly root: string;
  readonly list: ImageList;
  readonly platform: ImagePlatform;
}

/** The word for the built-in list. */
const builtIn = "macos";

/**
 * Folder and list by the flags: the built-in list on a Mac, all of a folder that is named alone.
 * @throws RundError also where neither is said and this is no Mac
 */
export function imageSource(flags: SourceFlags, system: NodeJS.Platform = process.platform): ImageSource {
  const names = flags.files ?? defaultLists(flags.from, system);
  const list = names === undefined ? wholeFolder : joinLists(names.map(readList));
  const root = realFolder(flags.from ?? "/");
  const isMac = names?.includes(builtIn) ?? false;
  return {
    root,
    list: { ...list, excluded: [...list.excluded, ...(flags.exclude ?? [])] },
    platform: withVersion(platformOf(flags, isMac), flags, root, system),
  };
}

function defaultLists(from: string | undefined, system: NodeJS.Platform): string[] | undefined {
  if (from !== undefined) return undefined;
  if (system === "darwin") return [builtIn];
  throw new RundError(
    Code.invalidArgument,
    "this is not a Mac: say with --from which folder, or with --files which files to take: see rund image --help",
  );
}

function readList(name: string): ImageList {
  if (name === builtIn) return parseList(darwinList, "the built-in list");
  try {
    return parseList(readFileSync(name === "-" ? 0 : name, "utf8"), name);
  } catch (error) {
    throw systemError(name, error);
  }
}

function realFolder(path: string): string {
  try {
    if (statSync(path).isDirectory()) return realpathSync(path);
  } catch (error) {
    throw systemError(path, error);
  }
  throw new RundError(Code.invalidArgument, `--from ${path}: not a directory`);
}

function platformOf({ platform }: SourceFlags, isMac: boolean): ImagePlatform {
  if (platform !== undefined) return parsePlatform(platform);
  return isMac ? { ...hostPlatform(), os: "darwin" } : hostPlatform();
}

function withVersion(
  platform: ImagePlatform,
  flags: SourceFlags,
  root: string,
  system: NodeJS.Platform,
): ImagePlatform {
  const found = platform.os === "darwin" ? darwinVersion(root, system) : undefined;
  const osVersion = flags["os-version"] ?? found;
  return osVersion === undefined ? platform : { ...platform, osVersion };
}
