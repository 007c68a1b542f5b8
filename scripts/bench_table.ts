/** One measured case: medians of both sides in the case's unit. */
export interface Row {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly count: number;
  readonly rund: number;
  readonly runc: number;
  /** What the project asks for: at most this ratio, or this value in the unit. */
  readonly target: { readonly ratio?: number; readonly value?: number };
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function number(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function targetText({ target, unit, rund, runc }: Row): string {
  const limits: string[] = [];
  if (target.ratio !== undefined)
    limits.push(verdict(`ratio <= ${target.ratio}`, rund / runc <= target.ratio));
  if (target.value !== undefined) limits.push(verdict(`<= ${target.value} ${unit}`, rund <= target.value));
  return limits.join(", ");
}

function verdict(limit: string, met: boolean): string {
  return met ? `${limit}: met` : `${limit}: MISSED`;
}

/** The rows as a table of text; a ratio below 1 means that rund needs less. */
export function formatTable(rows: readonly Row[]): string {
  const header = ["case", "what", "runs", "rund", "runc", "ratio", "target"];
  const body = rows.map((row) => [
    row.name,
    row.what,
    String(row.count),
    `${number(row.rund)} ${row.unit}`,
    `${number(row.runc)} ${row.unit}`,
    (row.rund / row.runc).toFixed(2),
    targetText(row),
  ]);
  const widths = header.map((title, column) => {
    return Math.max(title.length, ...body.map((cells) => cells[column]?.length ?? 0));
  });
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...body.map(line)].join("\n");
}
