/** Control characters, and those that turn, hide or break text: what a package says of itself must not talk to the terminal. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Rows as text, their columns aligned: numbers to the right. The last column is not padded, it may be long. */
export function columns(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell : visible(cell))));
  const widths = (cells[0] ?? []).map((_, place) => Math.max(...cells.map((row) => String(row[place] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, place) => aligned(cell, widths[place] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`);
}

function aligned(cell: string | number, width: number): string {
  return typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
}
