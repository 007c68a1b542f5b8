/** How much something matters. With `problem` no jail works, or none of the kind that it is about. */
export type Level = "ok" | "note" | "warning" | "problem" | "not tried";

/** One thing that the doctor has looked at. */
export interface Finding {
  /** For programs that read the findings; it never changes. */
  readonly id: string;
  readonly level: Level;
  /** What was looked at. */
  readonly title: string;
  /** What is so. */
  readonly found: string;
  /** Why it matters, when it does. */
  readonly why?: string;
  /** What mends it, a line each; commands as they are to be typed. */
  readonly fix?: readonly string[];
}

/** A look at one side of the machine. It changes nothing that it does not take back. */
export type Check = (host: DoctorHost) => Promise<readonly Finding[]>;

/** The machine, as far as checks see it: tests put another one in its place. */
export interface DoctorHost {
  readonly platform: "linux" | "darwin";
  /** As in OCI images: arm64, amd64. */
  readonly architecture: string;
  /** Homebrew's folder. */
  readonly prefix: string;
  readonly runtimeDirectory: string;
  readonly uid: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Runs a program to its end, or gives it up when it takes too long. Never rejects. */
  run(program: string, args: readonly string[], milliseconds?: number): Promise<CommandResult>;
  isThere(path: string): boolean;
  /** Undefined when it cannot be read. */
  read(path: string): string | undefined;
  canConnect(socket: string): Promise<boolean>;
}

/** `missing`: there is no such program. `late`: it did not end in time, and may not even be possible to kill. */
export type CommandResult =
  | { readonly kind: "ended"; readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "missing" | "late" };

/** What a program printed when it ended well; undefined otherwise. */
export function printed(result: CommandResult): string | undefined {
  return result.kind === "ended" && result.status === 0 ? result.stdout.trim() : undefined;
}
