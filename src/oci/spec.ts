/** The parts of the OCI runtime spec (1.3) that rund reads. Field names are the specification's own. */
export interface Spec {
  readonly ociVersion: string;
  readonly process?: Process;
  readonly root?: Root;
  readonly hostname?: string;
  readonly mounts?: readonly Mount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hooks?: Readonly<Record<string, readonly unknown[]>>;
  readonly linux?: Linux;
}

export interface Root {
  readonly path?: string;
  readonly readonly?: boolean;
}

export interface Mount {
  /** Absolute path inside the root. */
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

export interface Process {
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user?: User;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly rlimits?: readonly Rlimit[];
}

export interface User {
  readonly uid?: number;
  readonly gid?: number;
  readonly umask?: number;
  readonly additionalGids?: readonly number[];
  readonly username?: string;
}

export interface Rlimit {
  readonly type: string;
  readonly soft: number;
  readonly hard: number;
}

export interface Linux {
  readonly namespaces?: readonly { readonly type: string; readonly path?: string }[];
  readonly devices?: readonly Device[];
  readonly rootfsPropagation?: string;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
}

export interface Device {
  readonly path: string;
  readonly type: string;
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}
