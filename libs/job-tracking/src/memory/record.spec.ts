import { describe, expect, test } from 'vitest';
import { verifyJobs } from '../protocol/index.js';
import { hashOf } from '../protocol/payload/to-json.js';
import { World } from '../testing/world.js';
import { MemoryJobStore } from './index.js';
import type { JobRow } from './row.js';

class OpenStore extends MemoryJobStore {
  row(id: string): JobRow {
    return this.table.all().find((row) => row.id === id) as JobRow;
  }
}

/** Damages by hand, on a job with claims 1 and 2 in history (failed, snoozed) and a third that failed. */
const damages: Record<string, (row: JobRow) => void> = {
  'job-status': ({ state }) => Object.assign(state, { status: 'lost' }),
  'job-lease': ({ state }) => Object.assign(state, { expiresAt: 1 }),
  'job-grant': ({ state }) => Object.assign(state, { worker: null }),
  'job-priority': (row) => Object.assign(row, { priority: 10 }),
  error: ({ state }) => Object.assign(state, { error: null }),
  reason: ({ state }) => Object.assign(state, { reason: 'stale' }),
  'data-hash': ({ state }) => Object.assign(state, { data: '"other"' }),
  'count-attempts': ({ state }) => Object.assign(state, { attempts: 3 }),
  'count-failures': ({ state }) => Object.assign(state, { failures: 3 }),
  'history-complete': ({ past }) => past.shift(),
  'history-superseded': ({ state }) => Object.assign(state, { claims: 2 }),
  'attempt-order': ({ state }) => Object.assign(state, { startedAt: 1 }),
  'attempt-token': ({ state, past }) => Object.assign(state, { token: past[0]?.token }),
  'attempt-error': ({ past }) => Object.assign(past[1] ?? {}, { error: '{}' }),
};

describe('the in-memory store', () => {
  test.each(Object.entries(damages))(
    '%s: a row damaged by hand is reported as that, and as nothing else',
    async (invariant, damage) => {
      const store = new OpenStore();
      const world = new World(store, async (ms) => store.advance(ms));
      await world.register('a', { data: '"data"', dataHash: hashOf('"data"') });
      await world.failed('a');
      await world.end(await world.granted('a'), 'snoozed');
      await world.end(await world.granted('a'), 'failed');
      expect(await verifyJobs(store, {})).toEqual({ checked: 1, violations: [] });
      damage(store.row('a'));
      expect((await verifyJobs(store, {})).violations).toMatchObject([{ ...world.key('a'), invariant }]);
    },
  );

  test('tells every job, in order, of thousands', async () => {
    const store = new OpenStore();
    const world = new World(store, undefined);
    await store.registerSet(Array.from({ length: 2_000 }, (_, i) => world.newJob(`job ${i}`)));
    for (const id of ['job 7', 'job 507', 'job 1007', 'job 1507']) store.row(id).state.failures = 1;
    const { checked, violations } = await verifyJobs(store, {});
    expect([checked, violations.map(({ id }) => id)]).toEqual([2_000, ['job 1007', 'job 1507', 'job 507', 'job 7']]);
  });
});
