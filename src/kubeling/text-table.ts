/** A table as kubectl prints one: columns as wide as their widest cell, three blanks between them. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]! + 3))
      .join("")
      .trimEnd();
  return rows.map(line).join("\n");
}
