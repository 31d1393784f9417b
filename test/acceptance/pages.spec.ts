import { InvalidOptionsError, type JobSnapshot } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
type Order = 'oldest' | 'newest';

async function pages(query: object, order: Order): Promise<JobSnapshot[][]> {
  const read: JobSnapshot[][] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await bed.tracker.list({ ...query, order, ...(cursor === undefined ? {} : { cursor }) });
    read.push(page.items);
    if (page.next === null) return read;
    cursor = page.next;
  }
}
const idsOf = (jobs: JobSnapshot[]) => jobs.map(({ id }) => id);

describe.each<Order>(['oldest', 'newest'])('%s first', (order) => {
  const sorted = (ids: string[]) => (order === 'oldest' ? ids : ids.toReversed());

  test('every job comes once, also where many were updated at one time', async () => {
    const kind = `one-time-${order}`;
    const ids = Array.from({ length: 250 }, (_, i) => String(i).padStart(3, '0'));
    await bed.tracker.registerMany(ids.map((id) => ({ kind, id })));
    await bed.sql(`update job set updated_at = '2026-11-24 10:00:00.123456Z' where kind = $1`, [kind]);
    const read = await pages({ kind, limit: 7 }, order);
    expect(idsOf(read.flat())).toEqual(sorted(ids));
    expect(read.slice(0, -1).every(({ length }) => length === 7)).toBe(true);
  });

  test('microseconds decide: jobs of one millisecond are neither skipped nor seen twice', async () => {
    const kind = `micro-${order}`;
    const ids = ['c', 'a', 'e', 'b', 'd'];
    await bed.tracker.registerMany(ids.map((id) => ({ kind, id })));
    for (const [i, id] of ids.entries())
      await bed.sql(
        `update job set updated_at = $1::timestamptz + $2 * interval '1 microsecond' where kind = $3 and id = $4`,
        ['2026-11-24T10:00:00.123Z', i, kind, id],
      );
    const read = await pages({ kind, limit: 1 }, order);
    expect(idsOf(read.flat())).toEqual(sorted(ids));
  });

  test('over several kinds the kind breaks the tie', async () => {
    for (const kind of ['tie-b', 'tie-a']) await bed.tracker.register({ kind, id: order });
    await bed.sql(`update job set updated_at = '2020-01-01Z' where kind like 'tie-%' and id = $1`, [order]);
    const read = (await pages({ ids: [order], limit: 1 }, order)).flat();
    expect(read.map(({ kind }) => kind)).toEqual(sorted(['tie-a', 'tie-b']));
  });
});

test('a hundred a page, oldest first, unless asked otherwise; no cursor after the last', async () => {
  const ids = Array.from({ length: 150 }, (_, i) => String(i).padStart(3, '0'));
  await bed.tracker.registerMany(ids.map((id) => ({ kind: 'hundred', id })));
  const first = await bed.tracker.list({ kind: 'hundred' });
  expect(idsOf(first.items)).toEqual(ids.slice(0, 100));
  const second = await bed.tracker.list({ kind: 'hundred', cursor: first.next ?? '' });
  expect(idsOf(second.items)).toEqual(ids.slice(100));
  expect(second.next).toBeNull();
  expect((await bed.tracker.list({ kind: 'hundred', limit: 150 })).next).toBeNull();
  expect(await bed.tracker.list({ kind: 'nobody’s' })).toEqual({ items: [], next: null });
});

test('a cursor says nothing of the page’s size or filter: both may change on the way', async () => {
  await bed.tracker.registerMany(Array.from({ length: 6 }, (_, i) => ({ kind: 'change', id: String(i) })));
  const { next } = await bed.tracker.list({ kind: 'change', limit: 2 });
  const rest = await bed.tracker.list({ kind: 'change', status: 'pending', limit: 10, cursor: next ?? '' });
  expect(idsOf(rest.items)).toEqual(['2', '3', '4', '5']);
});

test('a job that was updated meanwhile comes again at its new place, and none is skipped', async () => {
  await bed.tracker.registerMany(Array.from({ length: 4 }, (_, i) => ({ kind: 'moved', id: String(i) })));
  const first = await bed.tracker.list({ kind: 'moved', limit: 2 });
  await bed.tracker.track({ kind: 'moved', id: '0' }, () => 1);
  const rest = await bed.tracker.list({ kind: 'moved', cursor: first.next ?? '' });
  expect(idsOf(rest.items)).toEqual(['2', '3', '0']);
});

describe('a cursor that is none is refused', () => {
  const forged = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  test.each<[string, unknown]>([
    ['empty', ''],
    ['words', 'page two'],
    ['JSON of something else', forged('a')],
    ['an unknown order', forged('latest', '2026-01-01', 'k', '1')],
    ['a time that is none', forged('oldest', 'yesterday', 'k', '1')],
    ['a time that only JavaScript reads', forged('oldest', '1', 'k', '1')],
    ['a day that its month does not have', forged('oldest', '2026-02-30T00:00:00.000000Z', 'k', '1')],
    ['a time beyond PostgreSQL’s', forged('oldest', '+275760-01-01T00:00:00Z', 'k', '1')],
    ['NUL in its id', forged('oldest', '2026-01-01T00:00:00.000000Z', 'k', 'a\0b')],
    ['a part too many', forged('oldest', '2026-01-01T00:00:00.000000Z', 'k', '1', 'more')],
  ])('%s', async (_, cursor) => {
    const error = await thrownBy(() => bed.tracker.list({ cursor: cursor as string }), InvalidOptionsError);
    expect(error.message).toMatch(/expected cursor to be the 'next' of a page, got: /);
  });

  test('or one of the other order', async () => {
    await bed.tracker.registerMany(['a', 'b'].map((id) => ({ kind: 'orders', id })));
    const { next } = await bed.tracker.list({ kind: 'orders', limit: 1, order: 'newest' });
    const error = await thrownBy(() => bed.tracker.list({ kind: 'orders', cursor: next ?? '' }), InvalidOptionsError);
    expect(error.message).toMatch(/cursor to be of a page in order 'oldest', got one in order 'newest'/);
  });
});

test.each<[object, RegExp]>([
  [{ cursor: 7 }, /list: expected cursor to be the 'next' of a page, got: 7/],
  [{ order: 'latest' }, /list: expected order to be one of 'oldest', 'newest', got: "latest"/],
  [{ limit: 0 }, /list: expected limit to be a whole number from 1 to 100000, got: 0/],
  [{ id: '1' }, /list: a query has no id/],
  [{ pagesize: 5 }, /list: unknown option 'pagesize'/],
  [{ errorFingerprint: 'a\0' }, /list: expected errorFingerprint to be a text without NUL/],
])('a malformed query is refused: %o', async (query, message) => {
  const error = await thrownBy(() => bed.tracker.list(query as never), InvalidOptionsError);
  expect(error.message).toMatch(message);
});
