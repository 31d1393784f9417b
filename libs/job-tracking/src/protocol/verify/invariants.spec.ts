import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../payload/to-json.js';
import type { JobReader } from '../store/job-reader.js';
import type { JobRecord, RecordedAttempt, RecordedRow } from '../store/job-record.js';
import { violationsOf } from './invariants.js';
import { verifyJobs } from './verify-jobs.js';

const DATA = '{"a":1}';
const key = { kind: 'k', id: '1' };

const waiting: RecordedRow = {
  status: 'pending',
  outcome: null,
  claims: 0,
  purged: 0,
  attempts: 0,
  failures: 0,
  crashes: 0,
  maxAttempts: null,
  priority: 0,
  token: null,
  worker: null,
  startedAt: null,
  finishedAt: null,
  expiresAt: null,
  progress: null,
  reason: null,
  hasError: false,
  hasData: true,
  data: DATA,
  dataHash: hashOf(DATA),
};

function attempt(claim: number, number: number, outcome: string, more: Partial<RecordedAttempt> = {}): RecordedAttempt {
  const times = { startedAt: claim * 10, endedAt: claim * 10 + 5 };
  return { claim, attempt: number, token: `t${claim}`, outcome, ...times, hasError: outcome === 'failed', ...more };
}

/** Runs, after claims that ended so. */
function running(outcomes: readonly string[], more: Partial<RecordedRow> = {}): JobRecord {
  const givenBack = ['snoozed', 'interrupted', 'released'];
  let charged = 0;
  const past = outcomes.map((outcome, i) => {
    const record = attempt(i + 1, charged + 1, outcome);
    if (!givenBack.includes(outcome)) charged++;
    return record;
  });
  const claims = outcomes.length + 1;
  const last = { token: `t${claims}`, worker: 'w', startedAt: claims * 10, expiresAt: claims * 10 + 100 };
  const row = { ...waiting, status: 'in_progress', claims, attempts: charged + 1, ...last, ...more };
  return { ...key, row, past };
}

function broken(record: JobRecord): string[] {
  return violationsOf(record).map(({ invariant, detail }) => `${invariant}: ${detail}`);
}

function changed(record: JobRecord, claim: number, change: Partial<RecordedAttempt>): JobRecord {
  return { ...record, past: record.past.map((each) => (each.claim === claim ? { ...each, ...change } : each)) };
}

const ALL = ['failed', 'snoozed', 'crashed', 'interrupted', 'released', 'ignored'];

describe('a job in progress', () => {
  it('breaks nothing, whatever its attempts before came to', () => {
    expect(broken(running([]))).toEqual([]);
    expect(broken(running(ALL))).toEqual([]);
    expect(broken(running([...ALL, 'succeeded', ...ALL]))).toEqual([]);
  });

  it('breaks nothing when it began at the very moment at which the attempt before ended', () => {
    expect(broken(changed(running(['failed']), 1, { endedAt: 20 }))).toEqual([]);
    expect(broken(changed(running(['failed']), 1, { endedAt: 20.001 }))).toEqual([
      'attempt-order: claim 2 starts before claim 1 has ended',
    ]);
  });
});

describe('counts', () => {
  it('are what history says: attempts exactly, failures and crashes at most, as retry leaves no record', () => {
    const lived = ['failed', 'crashed', 'failed'];
    for (const counts of [
      { failures: 2, crashes: 1 },
      { failures: 0, crashes: 0 },
      { failures: 1, crashes: 0 },
    ])
      expect(broken(running(lived, counts))).toEqual([]);
    expect(broken(running(lived, { failures: 3 }))).toEqual([
      'count-failures: 3 failures, since the last success there were at most 2',
    ]);
    expect(broken(running(lived, { crashes: 2 }))).toEqual([
      'count-crashes: 2 crashes, since the last success there were at most 1',
    ]);
    expect(broken(running(lived, { attempts: 3 }))).toEqual(['count-attempts: 3 attempts, charged were 4']);
  });

  it('since the last success are those behind it', () => {
    expect(broken(running(['failed', 'succeeded', 'failed'], { failures: 1 }))).toEqual([]);
    expect(broken(running(['failed', 'succeeded', 'failed'], { failures: 2 }))).toHaveLength(1);
    const succeeded = { status: 'succeeded', outcome: 'succeeded', expiresAt: null, finishedAt: 99, attempts: 2 };
    expect(broken(running(['failed'], { ...succeeded, failures: 0 }))).toEqual([]);
    expect(broken(running(['failed'], { ...succeeded, failures: 1 }))).toHaveLength(1);
  });

  it('a failed job has failed at least once since', () => {
    const failed = { status: 'failed', outcome: 'failed', expiresAt: null, finishedAt: 99, hasError: true };
    expect(broken(running(['failed'], { ...failed, failures: 1 }))).toEqual([]);
    expect(broken(running(['failed'], { ...failed, failures: 0 }))).toEqual(['count-failures: failed, and 0 failures']);
  });

  it('that a CHECK refuses are reported as that alone', () => {
    for (const counts of [{ attempts: 9 }, { attempts: -1 }, { failures: -1 }, { crashes: -1 }])
      expect(violationsOf(running(['failed'], counts))).toMatchObject([{ invariant: 'job-counts' }]);
  });
});

describe('attempts in history', () => {
  it('bear the number that they were charged as, and one that does not is told alone', () => {
    expect(broken(changed(running(ALL), 4, { attempt: 2 }))).toEqual(['attempt-number: claim 4 is attempt 2, not 3']);
    expect(broken(changed(running(ALL), 1, { attempt: 2 }))).toEqual(['attempt-number: claim 1 is attempt 2, not 1']);
  });

  it('are missing by ranges, and make nothing else wrong', () => {
    const { past, ...record } = running([...ALL, ...ALL]);
    const left = past.filter(({ claim }) => ![1, 4, 5, 6, 12].includes(claim));
    expect(broken({ ...record, past: left })).toEqual([
      'history-complete: no record of claim 1; no record of claim 4 to 6; no record of claim 12',
    ]);
    expect(broken({ ...record, past: [] })).toEqual(['history-complete: no record of claim 1 to 12']);
    expect(broken(running(['failed'], { claims: 2 ** 52 }))).toEqual([
      `history-complete: no record of claim 2 to ${2 ** 52 - 1}`,
    ]);
  });

  it('that were purged on purpose are not missing, and leave the counts open only as far as they reach', () => {
    const lived = running(['failed', 'snoozed', 'failed', 'failed'], { purged: 2, failures: 3 });
    const purged = { ...lived, past: lived.past.slice(2) };
    expect(broken(purged)).toEqual([]);
    expect(violationsOf({ ...purged, row: { ...(purged.row as RecordedRow), attempts: 5 } })).toMatchObject([
      { invariant: 'count-attempts', detail: '5 attempts, charged were 4' },
    ]);
    expect(broken({ ...lived, past: lived.past.slice(3) })).toEqual(['history-complete: no record of claim 3']);
    const all = { ...lived, row: { ...(lived.row as RecordedRow), purged: 4 }, past: [] };
    expect(broken(all)).toEqual([]);
    for (const attempts of [1, 5]) expect(broken({ ...all, row: { ...all.row, attempts } })).toEqual([]);
    expect(broken({ ...all, row: { ...all.row, attempts: 0 } })).toEqual([
      'count-attempts: 0 attempts, charged were 1 to 5',
    ]);
  });

  it('of no job are told as that, whatever else they are', () => {
    const { past } = running(ALL);
    expect(broken({ ...key, row: null, past })).toEqual(['history-owned: 6 attempts of no job']);
    expect(broken({ ...key, row: null, past: past.slice(3) })).toEqual(['history-owned: 3 attempts of no job']);
  });

  it('of a former life of the id are told once each, and many are only counted', () => {
    const { past } = running(ALL);
    expect(broken({ ...key, row: waiting, past })).toEqual([
      'history-superseded: claim 1, and the row is of claim 0; claim 2, and the row is of claim 0; claim 3, and the row is of claim 0; and 3 more',
    ]);
  });

  it('with an outcome that is none leave open what they counted', () => {
    for (const claim of [1, 2, 3])
      expect(broken(changed(running(['failed', 'snoozed', 'crashed']), claim, { outcome: 'lost' }))).toEqual([
        `job-past-attempt-outcome: claim ${claim} is "lost"`,
      ]);
  });
});

describe('the hash of the data', () => {
  it('is that of the same JSON in any order and spacing', () => {
    const row = { ...waiting, data: '{"b": [1, 2], "a": 1}', dataHash: hashOf('{"a":1,"b":[1,2]}') };
    expect(broken({ ...key, row, past: [] })).toEqual([]);
    expect(broken({ ...key, row: { ...row, data: '{"b": [2, 1], "a": 1}' }, past: [] })).toHaveLength(1);
    expect(broken({ ...key, row: { ...row, dataHash: null }, past: [] })).toEqual(['data-hash: data without a hash']);
    const none = { ...waiting, hasData: false, data: null, dataHash: null };
    expect(broken({ ...key, row: none, past: [] })).toEqual([]);
  });

  it('says nothing where a success may have replaced the data', () => {
    const other = { data: '{"other":true}' };
    expect(broken(running(['failed'], other))).toEqual(['data-hash: the data is not what was registered']);
    expect(broken(running(['succeeded', 'failed'], other))).toEqual([]);
    const purged = running(['failed', 'failed'], { ...other, purged: 1 });
    expect(broken({ ...purged, past: purged.past.slice(1) })).toEqual([]);
  });
});

describe('verifyJobs', () => {
  /** Answers at most three a page, whatever is asked. */
  function readerOf(count: number, asked: unknown[][]): JobReader {
    const all = Array.from({ length: count }, (_, i) => ({ ...running([]), id: String(i) }));
    const records: JobReader['records'] = async (...args) => {
      asked.push(args);
      const from = args[1] === null ? 0 : Number(args[1].id) + 1;
      return all.slice(from, from + Math.min(args[2], 3));
    };
    return { records } as Partial<JobReader> as JobReader;
  }

  it('reads on behind the last key until a page is empty, however short the pages are', async () => {
    const asked: unknown[][] = [];
    expect(await verifyJobs(readerOf(7, asked), {})).toEqual({ checked: 7, violations: [] });
    expect(asked.map(([, after]) => after)).toEqual([null, ...['2', '5', '6'].map((id) => ({ kind: 'k', id }))]);
  });

  it('reads no more than the limit', async () => {
    const asked: unknown[][] = [];
    expect((await verifyJobs(readerOf(7, asked), { limit: 4 })).checked).toBe(4);
    expect(asked.map(([, , limit]) => limit)).toEqual([4, 1]);
  });
});

describe('any record', () => {
  const count = fc.integer({ min: -2, max: 6 });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const outcome = fc.constantFrom('succeeded', 'failed', 'snoozed', 'crashed', 'lost');
  const row = fc.record<RecordedRow>({
    status: fc.constantFrom('pending', 'in_progress', 'failed', 'succeeded', 'ignored', 'lost'),
    outcome: maybe(outcome),
    claims: count,
    purged: count,
    attempts: count,
    failures: count,
    crashes: count,
    maxAttempts: maybe(count),
    priority: count,
    token: maybe(fc.constantFrom('t1', 't2')),
    worker: maybe(fc.constant('w')),
    startedAt: maybe(count),
    finishedAt: maybe(count),
    expiresAt: maybe(count),
    progress: maybe(fc.double()),
    reason: maybe(fc.string()),
    hasError: fc.boolean(),
    hasData: fc.boolean(),
    data: maybe(fc.constant(DATA)),
    dataHash: maybe(fc.constant(hashOf(DATA))),
  });
  const past = fc.uniqueArray(
    fc.record<RecordedAttempt>({
      claim: count,
      attempt: count,
      token: fc.constantFrom('t1', 't2', 't3'),
      outcome,
      startedAt: count,
      endedAt: count,
      hasError: fc.boolean(),
    }),
    { selector: ({ claim }) => claim },
  );

  it('is judged: nothing throws, and no invariant is told twice', () => {
    fc.assert(
      fc.property(fc.option(row, { nil: null }), past, (row, attempts) => {
        const told = violationsOf({ ...key, row, past: attempts.toSorted((a, b) => a.claim - b.claim) });
        const names = told.map(({ invariant }) => invariant);
        expect(new Set(names).size).toBe(names.length);
        for (const { detail } of told) expect(detail).toMatch(/^[^{}]{1,300}$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
