import { setTimeout as sleep } from 'node:timers/promises';
import { type JobSpec, type JobTrackerService, JobTrackingError } from 'nestjs-job-tracking';
import type { Journal } from '../journal.js';
import { between, type Random } from '../random.js';
import { KIND } from './terms.js';

export interface RegistrarOptions {
  tracker: JobTrackerService;
  worker: string;
  journal: Journal;
  random: Random;
  until: AbortSignal;
}

const EVERY = 500;
/** More would wait longer than the run: consumers are few. */
const MOST_WAITING = 150;

/** Registers jobs for consumers alone, which nobody runs again; notes what the database has acknowledged. */
export async function registerAgainAndAgain(options: RegistrarOptions): Promise<void> {
  const { random, until } = options;
  for (let made = 0; !until.aborted; await sleep(EVERY * random(), undefined, { ref: false })) {
    const jobs = Array.from({ length: between(random, 1, 3) }, () => jobOf(options, ++made));
    await register(options, jobs).catch((error) => {
      if (!(error instanceof JobTrackingError)) throw error;
    });
  }
}

async function register({ tracker, journal }: RegistrarOptions, jobs: JobSpec[]): Promise<void> {
  const waiting = await tracker.count({ kind: KIND, status: ['pending', 'failed'], limit: MOST_WAITING });
  if (waiting === MOST_WAITING) return;
  const [first, ...others] = jobs;
  if (first && others.length === 0) await tracker.register(first);
  else await tracker.registerMany(jobs);
  journal.note({ type: 'registered', ids: jobs.map(({ id }) => id) });
}

function jobOf({ worker, random }: RegistrarOptions, n: number): JobSpec {
  const later = random() < 0.2 ? { runAt: new Date(Date.now() + between(random, 0, 2_000)) } : {};
  const few = random() < 0.1 ? { maxAttempts: between(random, 1, 3) } : {};
  return { kind: KIND, id: `queue-${worker}-${n}`, data: { of: 0 }, priority: between(random, 0, 9), ...later, ...few };
}
