/** How one step of the selftest went. */
export interface Step {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "left out";
  readonly milliseconds: number;
  /** Why it failed or was left out: what was expected and what came. */
  readonly detail?: string;
}

/** What a step does. It throws when something is not as it should be; a text that it returns says why it was left out. */
export type StepBody = () => Promise<unknown>;

/** Runs one step and times it. Who waits at a terminal sees which one it is. */
export async function runStep(name: string, body: StepBody): Promise<Step> {
  const began = performance.now();
  showProgress(name);
  const outcome = await body().then(
    (reason) =>
      typeof reason === "string"
        ? { outcome: "left out" as const, detail: reason }
        : { outcome: "passed" as const },
    (error) => ({
      outcome: "failed" as const,
      detail: error instanceof Error ? error.message : String(error),
    }),
  );
  showProgress("");
  return { name, ...outcome, milliseconds: Math.round(performance.now() - began) };
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** @throws Error that shows both when they differ */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${what}: ${one}, expected ${other}`);
}
