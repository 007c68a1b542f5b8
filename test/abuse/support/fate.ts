import fc from "fast-check";

/** What a container runs. "short" ends by itself with code 7; the others leave processes that outlive their parents. */
export const programs = {
  short: "echo out; exit 7",
  family: "setsid sleep 1000 & (trap '' TERM; sleep 1000) & echo out; exit 7",
  long: "setsid sleep 1000 & (trap '' TERM; sleep 1000) & echo out; exec sleep 1000",
} as const;

/** Whom a signal hits. "nobody": the container ends by itself; "task": it is ended in order, by containerd's API. */
export type Victim = "nobody" | "task" | "init" | "shim" | "client";

/** The life of one churned container, as it was drawn. */
export interface Fate {
  readonly program: keyof typeof programs;
  /** An image of a snapshotter, or a folder of the host's. */
  readonly root: "image" | "folder";
  /** An exec is added once the container runs. */
  readonly hasExec: boolean;
  readonly victim: Victim;
  readonly signal: "SIGKILL" | "SIGTERM";
  /** When the signal comes, in milliseconds from the client's start on; a victim that is not there yet is waited for. */
  readonly delay: number;
}

/** A whole life takes a fifth of a second, so the signal falls anywhere from the first call to the last. */
const longestDelay = 300;

/** `roots` are the kinds that may be drawn: with bindfs no two containers can have the same folder. */
export function fates(roots: readonly Fate["root"][]): fc.Arbitrary<Fate> {
  const common = {
    root: fc.constantFrom(...roots),
    hasExec: fc.boolean(),
    signal: fc.constantFrom("SIGKILL" as const, "SIGTERM" as const),
    delay: fc.integer({ min: 0, max: longestDelay }),
  };
  const ending = fc.constantFrom("short" as const, "family" as const);
  const any = fc.constantFrom("short" as const, "family" as const, "long" as const);
  const killed = fc.constantFrom<Victim[]>("task", "init", "shim", "shim", "client");
  return fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({ ...common, program: ending, victim: fc.constant<Victim>("nobody") }),
    },
    { weight: 4, arbitrary: fc.record({ ...common, program: any, victim: killed }) },
  );
}
