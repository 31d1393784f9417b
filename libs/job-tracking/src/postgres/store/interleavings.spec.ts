import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Call, type Meeting, Overlap } from '../../../../../test/interleavings/overlap.js';
import {
  ALL,
  bringAbout,
  CHANGED_AT,
  claimsIn,
  type Left,
  type Place,
  type Situation,
  TOKENS,
  whatIsLeft,
} from '../../../../../test/interleavings/situations.js';
import { withConnection } from '../../../../../test/support/connection.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { brokenHistory } from '../../../../../test/support/history.js';
import { checkHeld } from '../sql/check-held.js';
import { claimAgain, takeOver } from '../sql/claim-again.js';
import { claimDue } from '../sql/claim-due.js';
import { claimFirst } from '../sql/claim-first.js';
import { claimOrRegister } from '../sql/claim-or-register.js';
import { findExpired } from '../sql/find-expired.js';
import { findGranted } from '../sql/find-granted.js';
import { ignoreJob } from '../sql/ignore-job.js';
import { keepCheckpoint } from '../sql/keep-checkpoint.js';
import { ignoreMany, removeMany, retryMany } from '../sql/many.js';
import { getJob, listAttempts } from '../sql/read-jobs.js';
import { readRecord } from '../sql/read-record.js';
import { readStanding } from '../sql/read-standing.js';
import { recordEnding } from '../sql/record-ending.js';
import { recordSuccess } from '../sql/record-success.js';
import { register } from '../sql/register.js';
import { registerSet } from '../sql/register-set.js';
import { releaseJob } from '../sql/release-job.js';
import { removeJob } from '../sql/remove-job.js';
import { renew } from '../sql/renew.js';
import { retryJob } from '../sql/retry-job.js';

/** Every statement that writes meets every other at one row, in both orders, whatever the row was: two connections, the first one's transaction open. */
interface Statement {
  name: string;
  text: string;
  /** `claims`: the job's, as it was found. */
  values(place: Place, token: string, claims: number): unknown[];
  /** The situations in which it finds the row (or its absence) to be its own to change. */
  takes: readonly Situation[];
  /** Passes over a row that another transaction holds, where others wait for it. */
  skips?: true;
  /** Waits for every row of its key: `written` ones, which another has inserted, changed or deleted, or also those that are only `locked`. */
  waitsForKey?: 'written' | 'locked';
  /** Of several grants, and of several ends, one is accepted. */
  makes?: 'grant' | 'end';
}

const LEASE = 3_600_000;
const AT_LEAST_PENDING: Situation[] = ['fresh', 'pending again'];
const CLAIMABLE: Situation[] = [...AT_LEAST_PENDING, 'failed', 'succeeded', 'expired'];
const HELD: Situation[] = ['running', 'expired'];
const RETRIABLE: Situation[] = ['for later', 'failed', 'succeeded', 'ignored'];
const IGNORABLE: Situation[] = [...AT_LEAST_PENDING, 'for later', 'failed'];
const AT_REST: Situation[] = [...IGNORABLE, 'succeeded', 'ignored'];

const claiming = ({ kind, id }: Place, token: string) => [kind, id, token, LEASE, workerOf(token), false, null];
const again = (place: Place, token: string, claims: number) => [...claiming(place, token), true, 9, 9, claims, true];
const held = ({ kind, id }: Place) => [kind, id, TOKENS.holder];
const conditions = ({ kind, id }: Place) => [kind, null, null, null, null, null, [kind], [id]];
const workerOf = (token: string) => (token === TOKENS.first ? 'first' : 'second');

const STATEMENTS: readonly Statement[] = [
  {
    name: 'register',
    text: register,
    values: ({ kind, id }) => [kind, id, null, null, null, 0, null],
    takes: ['missing'],
    waitsForKey: 'written',
  },
  {
    name: 'registerSet',
    text: registerSet,
    values: ({ kind, id }) => [[kind], [id], [null], [null], [null], [0], [null]],
    takes: ['missing'],
  },
  { name: 'claimFirst', text: claimFirst, values: claiming, takes: ['fresh'], makes: 'grant' },
  {
    name: 'claimOrRegister',
    text: claimOrRegister,
    values: (place, token) => [...claiming(place, token), null, 0, null],
    takes: ['missing', 'fresh'],
    waitsForKey: 'locked',
    makes: 'grant',
  },
  { name: 'claimAgain', text: claimAgain, values: again, takes: CLAIMABLE, makes: 'grant' },
  { name: 'takeOver', text: takeOver, values: again, takes: CLAIMABLE, skips: true, makes: 'grant' },
  {
    name: 'claimDue',
    text: claimDue,
    values: ({ kind }, token) => [kind, 10, [token], LEASE, workerOf(token)],
    takes: [...AT_LEAST_PENDING, 'failed'],
    skips: true,
    makes: 'grant',
  },
  { name: 'renew', text: renew, values: (place) => [...held(place), LEASE, 0.5, 'half'], takes: HELD },
  { name: 'keepCheckpoint', text: keepCheckpoint, values: (place) => [...held(place), '{"offset":7}', 1], takes: HELD },
  {
    name: 'recordSuccess',
    text: recordSuccess,
    values: (place) => [...held(place), '"done"', null, null],
    takes: HELD,
    makes: 'end',
  },
  {
    name: 'recordEnding',
    text: recordEnding,
    values: (place) => [
      ...held(place),
      'failed',
      '{"name":"Error","message":"again","fingerprint":"f00d"}',
      null,
      9,
      0,
    ],
    takes: HELD,
    makes: 'end',
  },
  { name: 'retryJob', text: retryJob, values: ({ kind, id }) => [kind, id, true, CHANGED_AT], takes: RETRIABLE },
  { name: 'ignoreJob', text: ignoreJob, values: ({ kind, id }) => [kind, id, 'by hand', CHANGED_AT], takes: IGNORABLE },
  { name: 'releaseJob', text: releaseJob, values: ({ kind, id }) => [kind, id, 1], takes: HELD, makes: 'end' },
  {
    name: 'removeJob',
    text: removeJob,
    values: ({ kind, id }, _, claims) => [kind, id, claims, CHANGED_AT],
    takes: AT_REST,
  },
  {
    name: 'retryMany',
    text: retryMany,
    values: (place) => [...conditions(place), true, true],
    takes: RETRIABLE,
    skips: true,
  },
  {
    name: 'ignoreMany',
    text: ignoreMany,
    values: (place) => [...conditions(place), 'by hand'],
    takes: IGNORABLE,
    skips: true,
  },
  { name: 'removeMany', text: removeMany, values: conditions, takes: AT_REST, skips: true },
];

let database: TestDatabase;
let overlap: Overlap;

beforeAll(async () => {
  database = await createTestDatabase();
  overlap = await Overlap.open(database.url);
});
afterAll(async () => {
  await overlap?.close();
  await database?.drop();
});

/** Where the first one, once carried out, holds the row (or its key) until its transaction ends. */
function heldBy({ takes, waitsForKey }: Statement): readonly Situation[] {
  return waitsForKey === 'locked' ? ALL : takes;
}

function expected(first: Statement, second: Statement, situation: Situation): Meeting {
  const written = first.takes.includes(situation);
  if (second.waitsForKey === 'locked' || (second.waitsForKey === 'written' && written)) return 'waits';
  return second.takes.includes(situation) && !second.skips ? 'waits' : 'passes';
}

test('every statement that writes is in the table, its form with `after` aside', async () => {
  const folder = path.join(import.meta.dirname, '../sql');
  const files = readdirSync(folder).map((file) => import(/* @vite-ignore */ path.join(folder, file)));
  const writing = (await Promise.all<Record<string, unknown>>(files))
    .flatMap((file) => Object.entries(file))
    .filter(([, text]) => typeof text === 'string' && /\b(update "job"|insert into "job"|delete from "job")/.test(text))
    .map(([name]) => name.replace(/After$/, ''));
  expect(STATEMENTS.map(({ name }) => name).sort()).toEqual([...new Set(writing)].sort());
});

let places = 0;
const newPlace = (): Place => ({ kind: `kind-${places++}`, id: 'job' });
const call = ({ text, values }: Statement, place: Place, token: string, situation: Situation): Call => ({
  text,
  values: values(place, token, claimsIn(situation)),
});

const known = new Map<string, Promise<Left>>();

/** What the statements leave that are carried out one after the other. */
function inTurn(situation: Situation, calls: readonly [Statement, string][]): Promise<Left> {
  const title = [situation, ...calls.flatMap(([{ name }, token]) => [name, token])].join();
  const left = known.get(title) ?? carriedOut(situation, calls);
  known.set(title, left);
  return left;
}

async function carriedOut(situation: Situation, calls: readonly [Statement, string][]): Promise<Left> {
  const place = newPlace();
  await bringAbout(database.sql, situation, place);
  for (const [statement, token] of calls) {
    const { text, values } = call(statement, place, token, situation);
    await database.sql(text, values);
  }
  return whatIsLeft(database.sql, place);
}

async function overlapping(first: Statement, second: Statement, situation: Situation, ending: 'commit' | 'rollback') {
  const place = newPlace();
  await bringAbout(database.sql, situation, place);
  const met = await overlap.meet(
    call(first, place, TOKENS.first, situation),
    call(second, place, TOKENS.second, situation),
    ending,
  );
  return { ...met, left: await whatIsLeft(database.sql, place) };
}

/** «waits: running, expired; passes: failed» */
function summary(first: Statement, second: Statement): string {
  const meetings = Map.groupBy(heldBy(first), (situation) => expected(first, second, situation));
  return [...meetings].map(([meeting, situations]) => `${meeting}: ${situations.join(', ')}`).join('; ');
}

describe.each(STATEMENTS)('while a transaction with $name is open', (first) => {
  test.each(STATEMENTS.map((second) => [`${second.name} ${summary(first, second)}`, second] as const))(
    '%s',
    async (_, second) => {
      for (const situation of heldBy(first)) {
        const meeting = expected(first, second, situation);
        for (const ending of meeting === 'waits' ? (['commit', 'rollback'] as const) : (['commit'] as const)) {
          const seen = await overlapping(first, second, situation, ending);
          const done: [Statement, string][] = ending === 'commit' ? [[first, TOKENS.first]] : [];
          // Who passes has found nothing to do; who waits finds what the first one left.
          if (meeting === 'waits') done.push([second, TOKENS.second]);
          const where = `${situation}, ${ending}`;
          expect(seen.meeting, where).toBe(meeting);
          expect(seen.left, where).toEqual(await inTurn(situation, done));
          if (ending === 'commit' && first.makes && first.makes === second.makes && first.takes.includes(situation))
            expect([seen.first.rowCount, seen.second.rowCount], where).toEqual([1, 0]);
        }
      }
    },
  );

  test('no read waits', async () => {
    for (const situation of heldBy(first)) {
      const place = newPlace();
      await bringAbout(database.sql, situation, place);
      for (const [name, { text, values }] of Object.entries(readsOf(place))) {
        const { meeting } = await overlap.meet(
          call(first, place, TOKENS.first, situation),
          { text, values },
          'rollback',
        );
        expect(meeting, `${name}, ${situation}`).toBe('passes');
      }
    }
  });
});

/** Statements that take several rows. */
const SETS = STATEMENTS.filter(({ skips, name }) => skips && name !== 'takeOver');

test.each(SETS)('$name takes the rows that nobody holds', async (set) => {
  const [situation = 'failed'] = set.takes.filter((one) => one === 'failed');
  const place = newPlace();
  const neighbour = { ...place, id: 'neighbour' };
  await bringAbout(database.sql, situation, place);
  await bringAbout(database.sql, situation, neighbour);
  const lock = { text: 'select 1 from job where kind = $1 and id = $2 for update', values: [place.kind, place.id] };
  const before = await whatIsLeft(database.sql, place);
  const values = set.values(place, TOKENS.second, claimsIn(situation));
  const both = values.map((value) => (Array.isArray(value) && value[0] === 'job' ? ['job', 'neighbour'] : value));
  // Where kinds and ids are named, there are as many of the one as of the other.
  const kinds = both.map((value) =>
    Array.isArray(value) && value[0] === place.kind ? [place.kind, place.kind] : value,
  );
  const { meeting } = await overlap.meet(lock, { text: set.text, values: kinds }, 'commit');
  expect(meeting).toBe('passes');
  expect(await whatIsLeft(database.sql, place)).toEqual(before);
  expect(await whatIsLeft(database.sql, neighbour)).not.toEqual(before);
});

test('two sets that register the same jobs in opposite orders wait for each other, never in a circle', async () => {
  const { kind } = newPlace();
  const ids = ['a', 'b', 'c', 'd'];
  const set = (of: string[]): Call => ({
    text: registerSet,
    values: [of.map(() => kind), of, ...[null, null, null, 0, null].map((value) => of.map(() => value))],
  });
  for (const ending of ['commit', 'rollback'] as const) {
    await withConnection(database.url, async (third) => {
      await third.query('begin');
      await third.query(register, [kind, 'b', null, null, null, 0, null]);
      // Both come upon what a third one has not committed, with what they registered before it in their hands.
      const one = database.sql(set(ids).text, set(ids).values);
      const other = database.sql(set(ids.toReversed()).text, set(ids.toReversed()).values);
      await eventually(async () => expect(await waiting()).toBe(2));
      await third.query(ending);
      const counts = (await Promise.all([one, other])).map(([row]) => Number(row?.registered));
      expect(counts.reduce((sum, count) => sum + count)).toBe(ending === 'commit' ? 3 : 4);
    });
    await database.sql('delete from job where kind = $1', [kind]);
  }
});

test('after all this histories are whole, and nobody was in a deadlock', async () => {
  const broken = await brokenHistory(database.sql, { retried: true });
  // Each place has the same tokens.
  expect(broken.filter(({ law }) => law !== 'no token was granted twice')).toEqual([]);
  // Backends tell when they end.
  await overlap.close();
  overlap = await Overlap.open(database.url);
  expect(await database.sql('select deadlocks::int from pg_stat_database where datname = current_database()')).toEqual([
    { deadlocks: 0 },
  ]);
});

/** How many wait for a lock in this database. */
async function waiting(): Promise<number> {
  return withConnection(database.url, async (watcher) => {
    const { rows } = await watcher.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0]?.n ?? 0;
  });
}

function readsOf({ kind, id }: Place): Record<string, Call> {
  return {
    getJob: { text: getJob, values: [kind, id] },
    listAttempts: { text: listAttempts, values: [kind, id] },
    readStanding: { text: readStanding, values: [kind, id, TOKENS.second, false, null, []] },
    readRecord: { text: readRecord, values: [kind, id, TOKENS.holder] },
    checkHeld: { text: checkHeld, values: [kind, id, TOKENS.holder] },
    findExpired: { text: findExpired, values: [kind, 10, null] },
    findGranted: { text: findGranted, values: [kind, [TOKENS.holder]] },
  };
}
