import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Fact } from './answers.js';
import type { CallEnd } from './calls.js';
import type { Reply } from './source.js';

/** What a source was seen to do. */
export type SeenFact = CallEnd & Reply & { loggedBy: string | null };

export interface SeenSource {
  name: string;
  answers: boolean;
  facts: Partial<Record<Fact, SeenFact>>;
}

/** The columns of the table in docs/handlers.md, behind the names of the sources. */
const COLUMNS = {
  success: 'success',
  failure: 'failure',
  lastFailure: 'last failure',
  duplicate: 'duplicate',
  locked: 'locked',
  ignored: 'ignored',
  lost: 'lost',
  snoozed: 'snoozed',
} as const satisfies Partial<Record<Fact, string>>;

export const HEAD = ['on', ...Object.values(COLUMNS), 'and then'];

const PAGE = path.resolve(import.meta.dirname, '../../../docs/handlers.md');

/** What the page says of a source. */
export function documentedCells(name: string): string[] | undefined {
  const [, table = ''] = /<!-- sources:.*?-->(.*?)<!-- \/sources -->/s.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const rows = table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.find(([names = '']) => names.split('; ').includes(name))?.slice(1);
}

/** What the table is to say of a source; undefined where not every cell of it was run. */
export function cellsOf({ facts, answers }: SeenSource): string[] | undefined {
  const seen = Object.keys(COLUMNS).map((fact) => facts[fact as Fact]);
  if (!seen.every((fact) => fact !== undefined)) return undefined;
  return [...seen.map(wordsOf), afterwards(seen, answers)];
}

/** One row for sources that do the same. */
export function rowsOf(sources: readonly SeenSource[]): string[][] {
  const rows = new Map<string, { names: string[]; cells: string[] }>();
  for (const source of sources) {
    const cells = cellsOf(source);
    if (!cells) throw new Error(`${source.name} was not run as a whole`);
    const row = rows.get(cells.join()) ?? { names: [], cells };
    row.names.push(source.name);
    rows.set(cells.join(), row);
  }
  return [...rows.values()].map(({ names, cells }) => [names.join('; '), ...cells]);
}

function wordsOf(fact: SeenFact): string {
  if ('returned' in fact) return fact.returned === null || fact.returned === undefined ? 'nothing' : 'the output';
  if (!('threw' in fact)) throw new Error(`neither returned nor threw: ${JSON.stringify(fact)}`);
  const [, final = '', words = ''] = /^(UnrecoverableError: )?(.*)$/.exec(fact.threw) ?? [];
  const what = words.startsWith('Error: ') ? 'its error' : `\`${words}\``;
  return final ? `unrecoverable: ${what}` : what;
}

/** What the source does with what is thrown. */
function afterwards(seen: readonly SeenFact[], answers: boolean): string {
  const thrown = seen.filter((fact) => 'threw' in fact);
  if (answers) return 'the caller is answered';
  if (thrown.length === 0) return 'the next tick';
  if (thrown.some(({ message }) => message === 'again')) return 'what is thrown comes again, unless it is final';
  return thrown.every(({ loggedBy }) => loggedBy !== null)
    ? 'what is thrown is logged, and gone'
    : 'what is thrown is gone';
}
