/** Runs a task for each item, at most `width` at once; rejects, after the last has settled, with all that went wrong. */
export async function each<T>(
  items: readonly T[],
  width: number,
  task: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const failures: Error[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index] as T;
      await task(item, index).catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        failures.push(new Error(`${index}: ${JSON.stringify(item)}: ${text}`, { cause: error }));
      });
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  if (failures.length === 0) return;
  throw new AggregateError(failures, `${failures.length} failed:\n${failures.map(String).join("\n")}`);
}
