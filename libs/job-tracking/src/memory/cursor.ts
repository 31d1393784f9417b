import { InvalidOptionsError, type PageOrder, shown } from '../protocol/index.js';
import type { JobRow } from './row.js';

type Place = Pick<JobRow, 'kind' | 'id'> & { state: { updatedAt: number } };

export function cursorOf({ kind, id, state }: Place, order: PageOrder): string {
  return Buffer.from(JSON.stringify([order, state.updatedAt, kind, id])).toString('base64url');
}

/** The row that a page starts after; null: the first page. Throws InvalidOptionsError for what is no cursor of this order. */
export function placeOf(cursor: string | null, order: PageOrder): Place | null {
  if (cursor === null) return null;
  const [was, updatedAt, kind, id] = parsed(cursor);
  if (typeof updatedAt !== 'number' || typeof kind !== 'string' || typeof id !== 'string' || was !== order)
    throw new InvalidOptionsError(
      `expected cursor to be the 'next' of a page in order '${order}', got: ${shown(cursor)}`,
    );
  return { kind, id, state: { updatedAt } };
}

function parsed(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
