import { defineJob, InvalidOptionsError, type JobQuery, type JobTrackerService } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { holdRun } from '../support/held-run.js';
import { tablesOf } from '../support/job-rows.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const fail = () => Promise.reject(new Error('boom'));

/** One job of a kind in every state. */
async function oneOfEach(kind: string): Promise<{ end(): Promise<unknown> }> {
  const { tracker } = bed;
  await tracker.register({ kind, id: 'pending' });
  await tracker.register({ kind, id: 'not due', runAt: new Date(Date.now() + 3_600_000) });
  await tracker.settle({ kind, id: 'failed' }, fail, { backoff: '1h' });
  await tracker.settle({ kind, id: 'ignored' }, fail, { maxAttempts: 1 });
  await tracker.track({ kind, id: 'succeeded' }, () => 1);
  const held = await holdRun(tracker, { kind, id: 'in_progress' });
  return { end: () => held.succeed() };
}
const statuses = async (kind: string) =>
  Object.fromEntries((await bed.tracker.list({ kind })).items.map(({ id, status }) => [id, status]));

test('retryMany: failed and ignored ones; pending ones that wait when pending is asked for; succeeded ones by rerun', async () => {
  const { end } = await oneOfEach('retry');
  expect(await bed.tracker.retryMany({ kind: 'retry' })).toBe(2);
  expect(await statuses('retry')).toMatchObject({ failed: 'pending', ignored: 'pending', succeeded: 'succeeded' });
  expect(await bed.tracker.retryMany({ kind: 'retry', status: 'pending' })).toBe(1);
  expect(await bed.tracker.retryMany({ kind: 'retry' }, { rerun: true })).toBe(1);
  expect(await bed.tracker.retryMany({ kind: 'retry' }, { rerun: true })).toBe(0);
  const ran: string[] = [];
  await end();
  await bed.tracker.consume('retry', (run) => void ran.push(run.job.id)).drain();
  expect(ran.sort()).toEqual(['failed', 'ignored', 'not due', 'pending', 'succeeded']);
});

test('ignoreMany: pending and failed ones, with the reason', async () => {
  const { end } = await oneOfEach('ignore');
  expect(await bed.tracker.ignoreMany({ kind: 'ignore' }, 'the shop is closed')).toBe(3);
  const { items } = await bed.tracker.list({ kind: 'ignore', status: 'ignored' });
  expect(items.filter(({ reason }) => reason === 'the shop is closed')).toHaveLength(3);
  expect(await statuses('ignore')).toMatchObject({ succeeded: 'succeeded', in_progress: 'in_progress' });
  await end();
});

test('removeMany: all but those in progress, history too', async () => {
  const { end } = await oneOfEach('remove');
  expect(await bed.tracker.removeMany({ kind: 'remove' })).toBe(5);
  expect(await statuses('remove')).toEqual({ in_progress: 'in_progress' });
  expect(await bed.sql(`select id from job_attempt where kind = 'remove'`)).toEqual([{ id: 'in_progress' }]);
  await end();
});

test('removeMany takes the history of no other job: not of the same id, not of the same kind', async () => {
  const jobs = [
    { kind: 'gone', id: 'same' },
    { kind: 'kept', id: 'same' },
    { kind: 'gone', id: 'other' },
  ];
  for (const job of jobs) {
    await bed.tracker.settle(job, () => Promise.reject(new Error('as planned')));
    await bed.tracker.settle(job, () => 'done');
  }
  expect(await bed.tracker.removeMany({ kind: 'gone', ids: ['same'] })).toBe(1);
  const past = await bed.sql(`select kind, id from job_past_attempt where kind in ('gone', 'kept') order by kind`);
  expect(past).toEqual([
    { kind: 'gone', id: 'other' },
    { kind: 'kept', id: 'same' },
  ]);
});

describe('a query', () => {
  const ids = async (query: JobQuery) => (await bed.tracker.list(query)).items.map(({ id }) => id).sort();

  test('holds by all its conditions together', async () => {
    const kind = defineJob('conditions');
    for (const id of ['a', 'b', 'c']) await bed.tracker.settle({ kind, id }, fail);
    await bed.tracker.register({ kind, id: 'd' });
    await bed.tracker.register({ kind: 'another', id: 'a' });
    expect(await ids({ kind, status: 'failed' })).toEqual(['a', 'b', 'c']);
    expect(await ids({ kind, status: ['failed', 'pending'], ids: ['a', 'd', 'x'] })).toEqual(['a', 'd']);
    expect(await ids({ ids: ['a'] })).toEqual(['a', 'a']);
    expect(await bed.tracker.retryMany({ kind, status: 'failed', ids: ['a', 'd'] })).toBe(1);
    expect(await ids({ kind, status: 'failed' })).toEqual(['b', 'c']);
  });

  test('of times leaves out what was updated at that very time', async () => {
    const kind = 'times';
    for (const id of ['1', '2', '3']) await bed.tracker.register({ kind, id });
    const day = (n: number) => new Date(`2026-01-0${n}T00:00:00Z`);
    await bed.sql(`update job set updated_at = ('2026-01-0' || id)::timestamp at time zone 'utc' where kind = 'times'`);
    expect(await ids({ kind, updatedBefore: day(2) })).toEqual(['1']);
    expect(await ids({ kind, updatedAfter: day(2) })).toEqual(['3']);
    expect(await ids({ kind, updatedAfter: day(1), updatedBefore: day(3) })).toEqual(['2']);
  });

  test('with an empty array matches nothing', async () => {
    await bed.tracker.register({ kind: 'empty', id: '1' });
    for (const query of [{ ids: [] }, { status: [] }, { kind: 'empty', ids: [] }]) {
      expect(await bed.tracker.count(query)).toBe(0);
      expect(await bed.tracker.ignoreMany(query, 'no')).toBe(0);
      expect(await bed.tracker.removeMany(query)).toBe(0);
    }
  });

  test('jobs of one id in two kinds are two jobs: a limit of one takes one of them', async () => {
    for (const kind of ['twins a', 'twins b']) await bed.tracker.register({ kind, id: 'twin' });
    expect(await bed.tracker.ignoreMany({ ids: ['twin'], limit: 1 }, 'no')).toBe(1);
    expect(await bed.tracker.count({ ids: ['twin'], status: 'pending' })).toBe(1);
  });

  test('with a limit changes no more than that', async () => {
    await bed.tracker.registerMany(Array.from({ length: 30 }, (_, i) => ({ kind: 'limit', id: String(i) })));
    expect(await bed.tracker.ignoreMany({ kind: 'limit', limit: 12 }, 'no')).toBe(12);
    expect(await bed.tracker.count({ kind: 'limit', status: 'pending' })).toBe(18);
    expect(await bed.tracker.removeMany({ kind: 'limit', status: 'ignored', limit: 100 })).toBe(12);
  });

  test('without one changes all, however many', async () => {
    await bed.tracker.registerMany(Array.from({ length: 2_500 }, (_, i) => ({ kind: 'all', id: String(i) })));
    expect(await bed.tracker.ignoreMany({ kind: 'all' }, 'no')).toBe(2_500);
    expect(await bed.tracker.retryMany({ kind: 'all' })).toBe(2_500);
    expect(await bed.tracker.removeMany({ kind: 'all' })).toBe(2_500);
  });
});

const verbs: [string, (tracker: JobTrackerService, query: never) => Promise<number>][] = [
  ['retryMany', (tracker, query) => tracker.retryMany(query)],
  ['ignoreMany', (tracker, query) => tracker.ignoreMany(query, 'no')],
  ['removeMany', (tracker, query) => tracker.removeMany(query)],
];
const refused: [what: string, query: unknown, message: RegExp][] = [
  ['no query', undefined, /expected options to be an object, got: undefined/],
  ['null', null, /expected options to be an object, got: null/],
  ['a text', 'kind', /expected options to be an object/],
  ['no conditions', {}, /expected at least one condition \(kind, status, .*\), got none/],
  ['a limit alone', { limit: 10 }, /expected at least one condition/],
  ['an unknown key', { kind: 'k', stauts: 'failed' }, /unknown option 'stauts', did you mean 'status'\?/],
  ['order, which is a list’s', { kind: 'k', order: 'newest' }, /unknown option 'order'/],
  ['an id', { kind: 'k', id: '1' }, /a query has no id/],
  ['an id that is undefined', { kind: 'k', id: undefined }, /a query has no id/],
  ['a kind that is undefined', { kind: undefined, status: 'failed' }, /kind is undefined/],
  ['ids that are undefined', { kind: 'k', ids: undefined }, /ids is undefined/],
  ['a limit that is undefined', { kind: 'k', limit: undefined }, /limit is undefined/],
  ['a status that is none', { status: 'done' }, /expected status to be one of 'pending', .*, got: "done"/],
  ['null among the statuses', { status: ['failed', null] }, /expected status to be .*, got: null/],
  ['ids that are no array', { ids: '7' }, /expected ids to be an array, got: "7"/],
  ['an empty id', { ids: ['a', ''] }, /expected ids\[1\] to be a text of 1 to 512 bytes/],
  ['a time that is a text', { updatedBefore: '2026-01-01' }, /expected updatedBefore to be a Date, got: "2026-01-01"/],
  ['an invalid time', { updatedAfter: new Date('x') }, /expected updatedAfter to be a Date, got: an invalid Date/],
  ['a limit of none', { kind: 'k', limit: 0 }, /expected limit to be a whole number from 1 to 100000, got: 0/],
  [
    'a fingerprint that is a number',
    { errorFingerprint: 5 },
    /expected errorFingerprint to be a text without NUL characters, got: 5/,
  ],
  ['a kind that is null', { kind: null }, /expected kind to be a text/],
];
describe.each(verbs)('%s refuses a query with', (verb, call) => {
  test.each(refused)('%s, and touches nothing', async (_, query, message) => {
    await bed.tracker.register({ kind: 'k', id: '1' });
    const before = await tablesOf(bed.sql);
    const error = await thrownBy(() => call(bed.tracker, query as never), InvalidOptionsError);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(new RegExp(`^${verb}: `));
    expect(await tablesOf(bed.sql)).toEqual(before);
  });
});

test('rerun and its like are checked too', async () => {
  const reran = await thrownBy(
    () => bed.tracker.retryMany({ kind: 'k' }, { return: true } as never),
    InvalidOptionsError,
  );
  expect(reran.message).toMatch(/unknown option 'return', did you mean 'rerun'\?/);
  const text = await thrownBy(() => bed.tracker.retry('1', { rerun: 'yes' as never }), InvalidOptionsError);
  expect(text.message).toMatch(/expected rerun to be true or false, got: "yes"/);
});
