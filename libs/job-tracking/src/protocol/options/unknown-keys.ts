import { InvalidOptionsError } from './errors.js';
import { oneOf, shown } from './shown.js';

/** Throws InvalidOptionsError for a value that is no plain set of options or holds a key that nobody reads, with the nearest known one. */
export function refuseUnknownKeys(options: unknown, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InvalidOptionsError(`${where}: expected options to be an object, got: ${shown(options)}`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw new InvalidOptionsError(
      `${where}: unknown option '${key}', ${near ? `did you mean '${near}'?` : `expected ${oneOf(known)}`}`,
    );
  }
}

/** The known word that a typing slip would turn into this one. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(2, word.length / 3);
  const ranked = known
    // Each character too many is a slip. A key may be a client's, and of any length.
    .filter((name) => Math.abs(word.length - name.length) <= most)
    .map((name) => ({ name, slips: distance(word.toLowerCase(), name.toLowerCase()) }));
  const [best] = ranked.sort((a, b) => a.slips - b.slips);
  return best && best.slips <= most ? best.name : undefined;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
