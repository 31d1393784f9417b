import { expect, test, vi } from 'vitest';
import { holdRun } from '../../../support/held-run.js';
import type { Bed } from '../bed.js';
import { heldWork } from '../held-work.js';
import { history } from '../histories.js';

const GRACE = 300;

/** What happens while the handler runs. */
export function lawsOfOverlap(bed: Bed): void {
  test('while another run holds the job a call runs nothing and writes nothing', async () => {
    const job = { kind: 'plain', id: 'locked' };
    const holder = await holdRun(bed.tracker, job);
    const before = await bed.tracker.get(job);
    const meanwhile = vi.fn();
    const told = await bed.app.calls('plain', 'locked', meanwhile);
    const after = await bed.tracker.get(job);
    await holder.succeed('done');
    bed.tells('locked', told);
    expect(meanwhile).not.toHaveBeenCalled();
    expect(after).toEqual(before);
    expect(await bed.history('plain', 'locked')).toEqual(history.success);
  });

  test('a run that lost its lease records nothing; its successor’s outcome stands', async () => {
    const job = { kind: 'plain', id: 'lost' };
    const stale = heldWork();
    const { call, reply } = bed.app.sends('plain', 'lost', stale.work);
    await stale.entered;
    await bed.tracker.release(job);
    const successor = await bed.app.calls('plain', 'lost', () => 'of the successor');
    const before = await bed.tracker.get(job);
    stale.end('of the stale one');
    expect(successor.call).toEqual({ returned: 'of the successor' });
    bed.tells('lost', { call: await call, reply: await reply });
    expect(await bed.tracker.get(job)).toEqual(before);
    expect(before).toMatchObject({ status: 'succeeded', output: 'of the successor' });
    expect(await bed.history('plain', 'lost')).toEqual(history.lost);
  });

  test('a handler that heeds its signal as the app stops leaves an interrupted attempt and no failure', async () => {
    const stopping = await bed.startAnother({ grace: GRACE });
    const heeding = heldWork();
    const { call, reply } = stopping.sends('plain', 'interrupted', heeding.work);
    reply.catch(() => {}); // its connection may be gone before it
    await heeding.entered;
    await stopping.close();
    bed.interrupts(await call);
    expect(await bed.tracker.get({ kind: 'plain', id: 'interrupted' })).toMatchObject({
      status: 'pending',
      failures: 0,
      attempts: 0,
      crashes: 0,
    });
    expect(await bed.history('plain', 'interrupted')).toEqual(history.interrupted);
  });
}
