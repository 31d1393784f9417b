// Many callers who rerun one job whose handler is over at once: nobody is told that there is nothing to do.
import { expect, test } from 'vitest';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const rerun = { onDuplicate: 'rerun' } as const;

test('callers who rerun a job that is over in a moment run it, or are told that it is locked: never that it has succeeded', async () => {
  const job = { kind: 'rerun at once', id: '1' };
  const codes = new Map<string, number>();
  const note = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
  let runs = 0;
  const caller = async () => {
    for (let call = 0; call < 12; call++) {
      const outcome = await bed.tracker.settle(job, () => void runs++, rerun);
      note(outcome.status === 'refused' ? outcome.error.code : outcome.status);
    }
  };
  await Promise.all(Array.from({ length: 60 }, caller));
  expect([...codes.keys()].filter((code) => !['succeeded', 'JOB_LOCKED'].includes(code))).toEqual([]);
  expect(runs).toBe(codes.get('succeeded'));
  expect(await bed.tracker.get(job)).toMatchObject({ claims: runs });
});
