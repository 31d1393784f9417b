import { InvalidJobError, type JobTrackingOptions } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

type Redact = NonNullable<JobTrackingOptions['redact']>;

describe('redact sees everything before it is stored', () => {
  const seen: [where: string, value: unknown][] = [];
  const redact: Redact = (value, where) => {
    seen.push([where, value]);
    return JSON.parse(JSON.stringify(value).replaceAll(/card-\d+/g, '***'));
  };
  const bed = useTrackedApp({ tracking: { redact } });
  const secret = 'card-4242';
  const stored = async () =>
    JSON.stringify(await bed.sql('select * from job')) +
    JSON.stringify(await bed.sql('select * from job_past_attempt'));

  test('data, staged data, checkpoint, output and errors; callers and runs get what they gave', async () => {
    const job = { kind: 'redacted', id: '1' };
    await bed.tracker.register({ ...job, data: { secret } });
    const error = new Error(`no funds on ${secret}`, { cause: new Error(secret) });
    const failed = bed.tracker.track(job, async (run) => {
      await run.checkpoint({ secret });
      throw error;
    });
    expect(await thrownBy(() => failed)).toBe(error);
    expect(await bed.tracker.get(job)).toMatchObject({
      data: { secret: '***' },
      checkpoint: { secret: '***' },
      error: { name: 'Error', message: 'no funds on ***', cause: { message: '***' } },
    });
    const output = { secret };
    expect(
      await bed.tracker.track(job, (run) => {
        run.set({ data: { staged: secret } });
        return output;
      }),
    ).toBe(output);
    expect(await bed.tracker.get(job)).toMatchObject({ data: { staged: '***' }, output: { secret: '***' } });
    expect(await stored()).not.toContain('4242');
    expect(new Set(seen.map(([where]) => where))).toEqual(new Set(['data', 'checkpoint', 'error', 'output']));
  });

  test('the reason of a job that its error made ignored says no more than the error', async () => {
    const job = { kind: 'reason', id: '1' };
    const error = new Error(`no funds on ${secret}`);
    await bed.tracker.settle(job, () => Promise.reject(error), { classify: () => 'ignore' });
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'ignored', reason: 'no funds on ***' });
    expect(await stored()).not.toContain('4242');
  });

  test('jobs that come in streams or by track, and what consumers make of them', async () => {
    await bed.tracker.registerMany([{ kind: 'many', id: '1', data: { secret } }]);
    await bed.tracker.track({ kind: 'tracked', id: '1', data: { secret } }, () => 1);
    await bed.tracker.consume('many', () => ({ secret })).drain();
    expect(await bed.tracker.get({ kind: 'many', id: '1' })).toMatchObject({ output: { secret: '***' } });
    expect(await stored()).not.toContain('4242');
  });

  test('what is redacted away is no difference between two calls', async () => {
    const call = (data: string) =>
      bed.tracker.settle({ kind: 'same', id: '1', data }, () => 1, { onDuplicate: 'replay' });
    await call('card-1');
    expect(await call('card-2')).toMatchObject({ status: 'succeeded', replayed: true });
  });
});

describe('a redact that throws', () => {
  const broken: Redact = (_value, where) => {
    throw new Error(`cannot redact ${where}`);
  };
  const bed = useTrackedApp({ tracking: { redact: broken } });

  test('refuses data, and nothing is written', async () => {
    const error = await thrownBy(
      () => bed.tracker.register({ kind: 'broken', id: '1', data: 'card-4242' }),
      InvalidJobError,
    );
    expect(error).toMatchObject({ field: 'data', cause: { message: 'cannot redact data' } });
    expect(await bed.tracker.count()).toBe(0);
  });

  test('drops an output, keeps of an error its class and its fingerprint, and fails no success', async () => {
    await bed.tracker.track({ kind: 'broken', id: 'output' }, () => 'card-4242');
    const dropped = await bed.tracker.get({ kind: 'broken', id: 'output' });
    expect(dropped).toMatchObject({ status: 'succeeded', output: null, reason: expect.stringContaining('redact') });

    await bed.tracker.settle({ kind: 'broken', id: 'error' }, () => Promise.reject(new TypeError('card-4242')));
    const failed = await bed.tracker.get({ kind: 'broken', id: 'error' });
    expect(failed?.error).toMatchObject({ name: 'TypeError', message: 'redact threw' });
    expect(JSON.stringify([dropped, failed])).not.toContain('4242');
  });
});

describe('a redact that gives back no record for an error', () => {
  const bed = useTrackedApp({ tracking: { redact: (value, where) => (where === 'error' ? undefined : value) } });

  test('leaves a record that says so', async () => {
    await bed.tracker.settle({ kind: 'none', id: '1' }, () => Promise.reject(new Error('card-4242')));
    const error = (await bed.tracker.get({ kind: 'none', id: '1' }))?.error;
    expect(error?.message).toMatch(/redaction/);
    expect(JSON.stringify(error)).not.toContain('4242');
  });
});
