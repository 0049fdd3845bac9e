/** The result of a measurement, and the table and JSON they are printed as. */

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What was measured beside it, on the same machine, in the same run. */
  baseline: { name: string; value: number };
  /** True where a smaller value is the better one. */
  isSmallerBetter?: boolean;
  /** Anything else worth reading: "p99 3.1 ms". */
  note?: string;
}

/** How many times as good as the baseline: above 1 is better than it. */
export function ratioOf({ value, baseline, isSmallerBetter }: Figure): number {
  return isSmallerBetter ? baseline.value / value : value / baseline.value;
}

const HEADINGS = ["figure", "value", "baseline", "value", "ratio", "note"];

export function tableOf(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${short(figure.value)} ${figure.unit}`,
    figure.baseline.name,
    `${short(figure.baseline.value)} ${figure.unit}`,
    ratioOf(figure).toFixed(2),
    figure.note ?? "",
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
  return [HEADINGS, ...rows].map(line).join("\n");
}

export function jsonOf(figures: Figure[]): string {
  const rows = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure) }));
  return JSON.stringify({ node: process.version, figures: rows }, null, 2);
}

function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}
