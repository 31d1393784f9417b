// The option `events`: who is told, of what, and what a bad listener may not do.
import { Logger } from '@nestjs/common';
import { InvalidOptionsError, type JobEvent, type JobEvents, JobTrackingModule } from 'nestjs-job-tracking';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startApp } from '../support/app.js';
import { useTrackedApp } from '../support/tracked-app.js';

class Noting implements JobEvents {
  constructor(
    private readonly name: string,
    private readonly notes: [listener: string, event: JobEvent][],
  ) {}

  announce(event: JobEvent): void {
    this.notes.push([this.name, event]);
  }
}

const notes: [listener: string, event: JobEvent][] = [];
const thrower: JobEvents = {
  announce() {
    throw new Error('a broken listener');
  },
};
const rejecter: JobEvents = { announce: async () => Promise.reject(new Error('a listener that gave up')) };
const sleeper: JobEvents = { announce: () => new Promise<void>(() => {}) };

const bed = useTrackedApp({
  tracking: { events: [new Noting('first', notes), thrower, rejecter, sleeper, new Noting('last', notes)] },
});
const fail = () => Promise.reject(new Error('boom'));

/** What `work` announced to the last listener. */
async function announcedBy(work: () => Promise<unknown>): Promise<JobEvent[]> {
  notes.length = 0;
  await work();
  return notes.filter(([listener]) => listener === 'last').map(([, event]) => event);
}

afterEach(() => vi.restoreAllMocks());

test('listeners are told in their order, each of every event', async () => {
  notes.length = 0;
  await bed.tracker.track({ kind: 'told', id: 'in order' }, () => 'done');
  expect(notes.map(([listener, { type }]) => [listener, type])).toEqual([
    ['first', 'claimed'],
    ['last', 'claimed'],
    ['first', 'succeeded'],
    ['last', 'succeeded'],
  ]);
});

test('a listener that throws, rejects or never ends changes no run, and nobody waits for it', async () => {
  const job = { kind: 'told', id: 'whatever listeners do' };
  await expect(bed.tracker.track(job, () => 'done')).resolves.toBe('done');
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', output: 'done' });
});

test('the fault of a listener is logged once, however often it is told', async () => {
  const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  const broken: JobEvents = {
    announce() {
      throw new Error('broken\nat every event');
    },
  };
  await using app = await startApp({ url: bed.database.url, tracking: { events: [broken] } });
  await app.tracker.track({ kind: 'told', id: 'once' }, () => 'done');
  expect(error.mock.calls.map(([line]) => line)).toEqual([
    'a listener of events failed (told once; it is called again): broken\\nat every event',
  ]);
});

describe("an operator's verb", () => {
  const failed = async (id: string) => {
    const job = { kind: 'operated', id };
    await bed.tracker.settle(job, fail, { backoff: '1h' });
    return job;
  };

  test('announces what it made of one job', async () => {
    const job = await failed('one');
    expect(await announcedBy(() => bed.tracker.retry(job))).toEqual([{ type: 'retried', ...job }]);
    expect(await announcedBy(() => bed.tracker.ignore(job, 'a test order'))).toEqual([
      { type: 'ignored_by_operator', ...job, reason: 'a test order' },
    ]);
    expect(await announcedBy(() => bed.tracker.remove(job))).toEqual([{ type: 'removed', ...job, status: 'ignored' }]);
  });

  test('announces that it took a lease, before the run hears of it', async () => {
    const job = { kind: 'operated', id: 'held' };
    const events = await announcedBy(() =>
      bed.tracker.settle(job, async () => {
        await bed.tracker.release(job);
      }),
    );
    expect(events.map(({ type }) => type)).toEqual(['claimed', 'released_by_operator', 'lost']);
    expect(events[1]).toEqual({ type: 'released_by_operator', ...job });
  });

  test('over many jobs announces once, with how many it changed', async () => {
    for (const id of ['a', 'b', 'c']) await failed(id);
    const query = { kind: 'operated', status: 'failed', ids: ['a', 'b', 'c'] } as const;
    expect(await announcedBy(() => bed.tracker.retryMany(query))).toEqual([
      { type: 'many_changed', kind: 'operated', verb: 'retry', count: 3 },
    ]);
    expect(await announcedBy(() => bed.tracker.ignoreMany({ ids: ['a', 'b'] }, 'why'))).toEqual([
      { type: 'many_changed', kind: '', verb: 'ignore', count: 2 },
    ]);
    expect(await announcedBy(() => bed.tracker.removeMany({ kind: 'operated', ids: ['a', 'b', 'c'] }))).toEqual([
      { type: 'many_changed', kind: 'operated', verb: 'remove', count: 3 },
    ]);
  });

  test('that is refused, or finds nothing to change, announces nothing', async () => {
    const job = { kind: 'operated', id: 'done' };
    await bed.tracker.track(job, () => 'done');
    expect(await announcedBy(() => bed.tracker.retry(job).catch(() => {}))).toEqual([]);
    expect(await announcedBy(() => bed.tracker.retryMany({ kind: 'nobody knows it' }))).toEqual([]);
    await bed.tracker.register({ kind: 'operated', id: 'pending' });
    expect(await announcedBy(() => bed.tracker.retry({ kind: 'operated', id: 'pending' }))).toEqual([]);
  });
});

test.each([
  [{ announce() {} }, 'an object'],
  [[() => {}], 'a function in the array'],
  [[null], 'nothing in the array'],
])('events that are no array of listeners stop the start: %j (%s)', (events, _what) => {
  expect(() => JobTrackingModule.forRoot({ events: events as never })).toThrow(InvalidOptionsError);
  expect(() => JobTrackingModule.forRoot({ events: events as never })).toThrow(
    /JobTrackingModule: expected events to be an array of listeners, each with a method announce, got: /,
  );
});
