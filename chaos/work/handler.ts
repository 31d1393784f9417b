import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRun } from 'nestjs-job-tracking';
import type { Checkpoint, Journal, Output } from '../journal.js';
import { type Random, randomFrom, seedOf } from '../random.js';
import type { Effects } from './effects.js';
import { WORDS } from './terms.js';

export interface HandlerOptions {
  seed: number;
  worker: string;
  lease: number;
  journal: Journal;
  effects: Effects;
  isCalm(): boolean;
}

export type Handler = (run: JobRun) => Promise<Output>;

/** One handler for all jobs. What it does is decided by the seed, the job and the claim; what becomes of it is decided by everybody else. */
export function handlerOf({ seed, worker, lease, journal, effects, isCalm }: HandlerOptions): Handler {
  return async (run) => {
    const { id, claims: claim } = run.job;
    journal.note({ type: 'granted', id, claim, found: run.job.checkpoint as Checkpoint | null });
    const random = randomFrom(seedOf(seed, id, claim));
    const observe = async (what: 'start' | 'end', how: string | null) => {
      const now = await effects.write({ id, claim, worker, what, how });
      if (now === null || now === claim || run.signal.aborted) return;
      // A turn of the loop is what a timer needs; a process that was stopped has them all before it.
      await sleep(1);
      if (!run.signal.aborted) journal.note({ type: 'unaware', id, claim, now });
    };
    const left = async (how: 'returned' | 'threw') => {
      journal.note({ type: 'left', id, claim, how, aborted: run.signal.reason?.code ?? null });
      await observe('end', how);
    };
    try {
      await observe('start', null);
      await work(run, random, { lease, calm: isCalm(), journal });
      ending(run, random);
    } catch (error) {
      await left('threw');
      throw error;
    }
    await left('returned');
    return { claim, worker };
  };
}

async function work(
  run: JobRun,
  random: Random,
  { lease, calm, journal }: Pick<HandlerOptions, 'lease' | 'journal'> & { calm: boolean },
): Promise<void> {
  const { id, claims: claim } = run.job;
  const dice = random();
  if (calm) return;
  // Busy for longer than its lease, a process renews nothing.
  if (dice < 0.004) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lease * 1.4);
  const time = dice > 0.97 ? 3.3 * lease : random() ** 4 * 2 * lease;
  const heeds = random() < 0.5 ? { signal: run.signal } : {};
  if (random() < 0.5) run.progress(random(), 'on its way');
  await sleep(time / 2, undefined, heeds);
  if (random() < 0.3)
    for (const step of [1, 2]) {
      journal.note({ type: 'keeping', id, claim, step });
      await run.checkpoint({ claim, step } satisfies Checkpoint);
      journal.note({ type: 'kept', id, claim, step });
    }
  await sleep(time / 2, undefined, heeds);
}

function ending(run: JobRun, random: Random): void {
  const { claims } = run.job;
  const dice = random();
  if (random() < 0.4) run.set({ data: { of: claims } });
  if (dice < 0.55) return;
  if (dice < 0.72) throw new Error(`failure of claim ${claims}`);
  if (dice < 0.8) run.snooze(20);
  if (dice < 0.88) throw new Error(`claim ${claims} is ${WORDS.release}`);
  if (dice < 0.95) throw new Error(`failure of claim ${claims}, ${WORDS.soon}`);
  if (dice < 0.97) throw new Error(`failure of claim ${claims}, ${WORDS.final}`);
  if (dice < 0.98) run.ignore(`reason of claim ${claims}`);
}
