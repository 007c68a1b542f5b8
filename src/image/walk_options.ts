export interface WalkOptions {
  /** Whether something found in a folder, by its path in the image, stays out of it. */
  readonly isExcluded: (path: string) => boolean;
  /** Files and folders of the host that are never taken: the image itself. */
  readonly omitted: ReadonlySet<string>;
  /** Seconds since 1970: no time in the layer is later. */
  readonly latest: number | undefined;
  /** Why a file cannot be read; undefined when it can, or to not look. */
  readonly unreadable?: (source: string) => string | undefined;
  /** Something that belongs into the image and cannot go there. */
  readonly onProblem: (path: string, reason: string) => void;
  /** Sockets and devices, which no image has. */
  readonly onLeftOut: (path: string) => void;
}
