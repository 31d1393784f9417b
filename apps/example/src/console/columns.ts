/** Rows as text, their columns aligned: numbers to the right. The last column is not padded, it may be long. */
export function columns(rows: readonly (readonly (string | number)[])[]): string {
  const widths = (rows[0] ?? []).map((_, place) => Math.max(...rows.map((row) => String(row[place] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, place) => aligned(cell, widths[place] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function aligned(cell: string | number, width: number): string {
  return typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
}
