// Handlers of plain providers that return streams: the run goes on until the stream is over.
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import {
  CurrentJob,
  JobAlreadySucceededError,
  JobInterruptedError,
  type JobRun,
  JobTrackerService,
  JobTrackingError,
  Tracked,
} from 'nestjs-job-tracking';
import { concat, firstValueFrom, lastValueFrom, NEVER, Observable, of, repeat, take, throwError, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { thrownBy } from '../../support/thrown.js';
import { useTrackedApp } from '../../support/tracked-app.js';

const LEASE = 500;
const seen: string[] = [];

@Injectable()
class Feeds {
  constructor(private readonly tracker: JobTrackerService) {}

  @Tracked('_id', { kind: 'observable', lease: LEASE })
  async observable(_id: string, source: Observable<unknown>): Promise<Observable<unknown>> {
    return source;
  }

  @Tracked('_id', { kind: 'generator', lease: LEASE, onDuplicate: 'replay' })
  async *generator(_id: string, values: readonly unknown[], @CurrentJob() run?: JobRun) {
    try {
      for (const value of values) {
        if (value instanceof Error) throw value;
        yield value === 'current' ? this.tracker.current()?.job.id === run?.job.id : value;
      }
      return values.length;
    } finally {
      seen.push(`${run?.job.id}: over`);
    }
  }

  @Tracked('_id', { kind: 'readable', lease: LEASE })
  async readable(_id: string, source: Readable) {
    return source;
  }

  @Tracked('_id', { kind: 'timed', timeout: 50, lease: LEASE })
  async timed(_id: string): Promise<Observable<unknown>> {
    return NEVER;
  }
}

const app = useTrackedApp({ providers: [Feeds] });
const feeds = () => app.app.nest.get(Feeds);
const status = async (kind: string, id: string) => (await app.tracker.get({ kind, id }))?.status;
const ends = async (kind: string, id: string) =>
  (await app.tracker.attempts({ kind, id })).map(({ outcome }) => outcome);
const recorded = (kind: string, id: string, outcomes: string[]) =>
  eventually(async () => expect(await ends(kind, id)).toEqual(outcomes));

describe('an Observable', () => {
  test('is handed on at once, runs while it is read, and completes when it has been recorded', async () => {
    const steps: unknown[] = [];
    const stream = await feeds().observable('1', of(1, 2));
    steps.push(await status('observable', '1'));
    steps.push(await lastValueFrom(stream.pipe(toArray())));
    steps.push(await status('observable', '1'));
    expect(steps).toEqual(['in_progress', [1, 2], 'succeeded']);
  });

  test('that fails is a failed attempt, and fails for its reader with the same error', async () => {
    const broken = new Error('the feed broke');
    const stream = await feeds().observable(
      '2',
      concat(
        of(1),
        throwError(() => broken),
      ),
    );
    expect(await thrownBy(() => lastValueFrom(stream))).toBe(broken);
    expect(await app.tracker.get({ kind: 'observable', id: '2' })).toMatchObject({
      status: 'failed',
      error: { message: 'the feed broke' },
    });
  });

  test('whose reader leaves early is interrupted, its source ended, and no failure counted', async () => {
    let torn = 0;
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1);
      return () => torn++;
    });
    expect(await firstValueFrom(await feeds().observable('3', source))).toBe(1);
    await recorded('observable', '3', ['interrupted']);
    expect(torn).toBe(1);
    expect(await app.tracker.get({ kind: 'observable', id: '3' })).toMatchObject({ status: 'pending', failures: 0 });
  });

  test('that emits for ever without a pause ends when its reader has enough', async () => {
    const stream = await feeds().observable('4', of(1).pipe(repeat()));
    expect(await lastValueFrom(stream.pipe(take(3), toArray()))).toEqual([1, 1, 1]);
    await recorded('observable', '4', ['interrupted']);
  });

  test('that nobody subscribes within a lease is interrupted, and says so to whoever comes later', async () => {
    const stream = await feeds().observable('5', of(1));
    await recorded('observable', '5', ['interrupted']);
    await thrownBy(() => lastValueFrom(stream), JobInterruptedError);
  });

  test('is read once: a second subscriber is told so, and the first one reads on', async () => {
    const stream = await feeds().observable('6', of(1, 2));
    const first = lastValueFrom(stream.pipe(toArray()));
    expect((await thrownBy(() => lastValueFrom(stream), JobTrackingError)).message).toMatch(/read once/);
    expect(await first).toEqual([1, 2]);
  });

  test('of a job that others have is refused before there is any', async () => {
    await lastValueFrom(await feeds().observable('7', of(1)));
    await thrownBy(() => feeds().observable('7', of(1)), JobAlreadySucceededError);
  });

  test('that takes longer than its timeout is ended, and a failed attempt', async () => {
    const error = await thrownBy(async () => lastValueFrom(await feeds().timed('8')));
    expect(error).toMatchObject({ code: 'JOB_TIMEOUT' });
    expect(await ends('timed', '8')).toEqual(['failed']);
  });

  test('whose job is taken away ends for its reader with the loss', async () => {
    const stream = await feeds().observable('9', NEVER);
    const read = thrownBy(() => lastValueFrom(stream));
    await app.tracker.release({ kind: 'observable', id: '9' });
    expect(await read).toMatchObject({ code: 'LEASE_LOST' });
    expect(await ends('observable', '9')).toEqual(['released']);
  });
});

describe('an async generator', () => {
  const all = async (stream: AsyncIterable<unknown>) => {
    const values: unknown[] = [];
    for await (const value of stream) values.push(value);
    return values;
  };

  test('stays one: it claims at its first value, and has been recorded when it ends', async () => {
    const stream = feeds().generator('1', ['a', 'b']);
    expect(await app.tracker.get({ kind: 'generator', id: '1' })).toBeNull();
    expect(await stream.next()).toEqual({ done: false, value: 'a' });
    expect(await status('generator', '1')).toBe('in_progress');
    expect(await all(stream)).toEqual(['b']);
    expect(await status('generator', '1')).toBe('succeeded');
  });

  test('has what it returns as its output, which a duplicate under replay returns without a value', async () => {
    expect(await all(feeds().generator('2', [1, 2, 3]))).toEqual([1, 2, 3]);
    expect(await app.tracker.get({ kind: 'generator', id: '2' })).toMatchObject({ output: 3 });
    expect(await feeds().generator('2', [1, 2, 3]).next()).toEqual({ done: true, value: 3 });
  });

  test('that throws is a failed attempt', async () => {
    const broken = new Error('no more');
    expect(await thrownBy(() => all(feeds().generator('3', [1, broken])))).toBe(broken);
    expect(await ends('generator', '3')).toEqual(['failed']);
  });

  test('whose reader breaks off is interrupted, behind its own finally', async () => {
    for await (const value of feeds().generator('4', [1, 2])) if (value === 1) break;
    expect(seen).toContain('4: over');
    expect(await ends('generator', '4')).toEqual(['interrupted']);
  });

  test('that is begun and then left lying is interrupted only by its own end: it keeps its lease', async () => {
    const stream = feeds().generator('5', [1, 2]);
    await stream.next();
    expect(await status('generator', '5')).toBe('in_progress');
    await stream.return(0);
    expect(await status('generator', '5')).toBe('pending');
  });

  test('is in its run whoever reads it, from wherever', async () => {
    expect(await all(feeds().generator('6', ['current', 'current']))).toEqual([true, true]);
  });
});

describe('a Readable', () => {
  const text = async (stream: Readable) => (await stream.toArray()).join('');

  test('is recorded when it ends', async () => {
    expect(await text(await feeds().readable('1', Readable.from(['a', 'b'])))).toBe('ab');
    await recorded('readable', '1', ['succeeded']);
  });

  test('that fails is a failed attempt', async () => {
    const stream = await feeds().readable(
      '2',
      new Readable({
        read() {
          this.destroy(new Error('disk'));
        },
      }),
    );
    expect((await thrownBy(() => text(stream))).message).toBe('disk');
    await recorded('readable', '2', ['failed']);
  });

  test('whose reader destroys it is interrupted', async () => {
    const stream = await feeds().readable('3', Readable.from(['a', 'b']));
    stream.destroy();
    await recorded('readable', '3', ['interrupted']);
  });

  test('that nobody reads within a lease is interrupted, and destroyed', async () => {
    const stream = await feeds().readable('4', Readable.from(['a']));
    stream.on('error', () => {});
    await recorded('readable', '4', ['interrupted']);
    expect(stream.destroyed).toBe(true);
  });
});
