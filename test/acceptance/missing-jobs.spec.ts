import { defineJob, InvalidJobError, JobNotFoundError } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const never = () => {
  throw new Error('it must not run');
};

describe('register, which is the default', () => {
  test('a missing job is made by the call that asks for it, with everything that it gives', async () => {
    const job = { kind: 'made', id: '1', data: { sku: 'x' }, priority: 4, maxAttempts: 2 };
    await bed.tracker.track(job, (run) => expect(run.job).toMatchObject({ ...job, status: 'in_progress', claims: 1 }));
    expect(await bed.tracker.get({ kind: 'made', id: '1' })).toMatchObject({ ...job, status: 'succeeded' });
  });

  test('by its id alone it is of the kind default, without data', async () => {
    expect(await bed.tracker.track('alone', (run) => [run.job.kind, run.job.data])).toEqual(['default', null]);
  });
});

describe('refuse', () => {
  const kind = defineJob('seeded', { onMissing: 'refuse' });

  test('a missing job is JobNotFoundError, and stays missing, told by the kind or by the call', async () => {
    const error = await thrownBy(() => bed.tracker.track({ kind, id: '1', data: 1 }, never), JobNotFoundError);
    expect(error).toMatchObject({ job: null, final: true, message: 'Job "seeded/1" does not exist' });
    expect(await bed.tracker.settle({ id: 'nowhere' }, never, { onMissing: 'refuse' })).toMatchObject({
      status: 'refused',
    });
    expect(await bed.tracker.get({ kind, id: '1' })).toBeNull();
    expect(await bed.tracker.get('nowhere')).toBeNull();
  });

  test('a registered one runs', async () => {
    await bed.tracker.register({ kind, id: '2' });
    expect(await bed.tracker.track({ kind, id: '2' }, () => 'ran')).toBe('ran');
  });
});

describe('a kind whose data schema refuses undefined', () => {
  const kind = defineJob('needs-data', { data: z.object({ amount: z.number() }) });

  test('a missing job without data is InvalidJobError, from track, settle and register, and is not made', async () => {
    for (const call of [
      () => bed.tracker.track({ kind, id: '1' } as never, never),
      () => bed.tracker.settle({ kind, id: '1' } as never, never),
      () => bed.tracker.register({ kind, id: '1' } as never),
    ])
      expect(await thrownBy(call, InvalidJobError)).toMatchObject({ field: 'data' });
    expect(await bed.tracker.get({ kind, id: '1' })).toBeNull();
  });

  test('a known job needs none', async () => {
    await bed.tracker.register({ kind, id: '2', data: { amount: 5 } });
    expect(await bed.tracker.track({ kind, id: '2' }, (run) => run.job.data.amount)).toBe(5);
  });

  test('where a missing one is refused anyway, it is not found', async () => {
    const told = bed.tracker.track({ kind, id: '3' }, never, { onMissing: 'refuse' });
    await thrownBy(() => told, JobNotFoundError);
  });

  test('bad data is refused even where the job is known', async () => {
    await bed.tracker.register({ kind, id: '4', data: { amount: 5 } });
    const call = () => bed.tracker.track({ kind, id: '4', data: { amount: 'five' } } as never, never);
    expect(await thrownBy(call, InvalidJobError)).toMatchObject({ field: 'data.amount' });
  });
});
