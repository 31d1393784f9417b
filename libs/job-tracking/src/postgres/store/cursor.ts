import { checkId, checkKind, InvalidOptionsError, type PageOrder, shown } from '../../protocol/index.js';

/** The last row of a page, to the microsecond: two jobs of one millisecond must not be skipped or come twice. */
export function cursorOf(row: { exact_updated_at: string; kind: string; id: string }, order: PageOrder): string {
  return Buffer.from(JSON.stringify([order, row.exact_updated_at, row.kind, row.id])).toString('base64url');
}

/** The three parameters that a page starts after; nulls: the first page. Throws InvalidOptionsError for what is no cursor of this order. */
export function placeOf(cursor: string | null, order: PageOrder): (string | null)[] {
  if (cursor === null) return [null, null, null];
  const [was, updatedAt, kind, id, ...more] = parsed(cursor);
  const whole = more.length === 0 && isTime(updatedAt) && isText(checkKind, kind) && isText(checkId, id);
  if (!whole || (was !== 'oldest' && was !== 'newest'))
    throw new InvalidOptionsError(`expected cursor to be the 'next' of a page, got: ${shown(cursor)}`);
  if (was !== order)
    throw new InvalidOptionsError(`expected cursor to be of a page in order '${order}', got one in order '${was}'`);
  return [updatedAt, kind, id] as string[];
}

/** A cursor comes back through a URL: what the database would choke on is refused before it gets there. */
function isTime(text: unknown): boolean {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text)) return false;
  const time = new Date(text);
  // A day that the month does not have becomes another.
  return !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 19) === text.slice(0, 19);
}

function isText(check: (text: unknown) => string, text: unknown): boolean {
  try {
    return check(text) === text;
  } catch {
    return false;
  }
}

function parsed(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
