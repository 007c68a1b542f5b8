/** Columns as runc has them: each at least twelve characters wide, with three spaces to the next. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(12, ...lines.map((line) => (line[column] ?? "").length + 3)),
  );
  const text = (line: readonly string[]) =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("");
  return lines.map((line) => `${text(line).trimEnd()}\n`).join("");
}
