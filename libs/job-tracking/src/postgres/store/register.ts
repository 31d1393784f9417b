import type { JobKey, NewJob, Standing } from '../../protocol/index.js';
import type { Database } from '../sending/database.js';
import { getJob } from '../sql/read-jobs.js';
import { register } from '../sql/register.js';
import { registerSet } from '../sql/register-set.js';
import { timeTextOrNull, type Whole } from './as-text.js';
import { type JobRow, standingOf } from './row.js';

export function registering(job: NewJob): unknown[] {
  return [job.kind, job.id, job.data, job.dataHash, timeTextOrNull(job.runAt), job.priority, job.maxAttempts];
}

export async function registerOne(db: Database, job: NewJob): Promise<{ standing: Standing; registered: boolean }> {
  for (;;) {
    const made = (await db.query<JobRow>(register, registering(job))).rows[0];
    if (made) return { standing: standingOf(made), registered: true };
    const known = await standingNow(db, job);
    // Removed between the two statements: then it is to be registered after all.
    if (known.job) return { standing: known, registered: false };
  }
}

export async function registerMany(db: Database, jobs: readonly NewJob[]): Promise<number> {
  const column = (key: keyof NewJob) => jobs.map((job) => job[key]);
  const { rows } = await db.query<{ registered: Whole }>(registerSet, [
    column('kind'),
    column('id'),
    column('data'),
    column('dataHash'),
    jobs.map(({ runAt }) => timeTextOrNull(runAt)),
    column('priority'),
    column('maxAttempts'),
  ]);
  return Number(rows[0]?.registered ?? 0);
}

export async function standingNow(db: Database, { kind, id }: JobKey): Promise<Standing> {
  const row = (await db.query<JobRow>(getJob, [kind, id])).rows[0];
  return row ? standingOf(row) : { job: null, expiresIn: 0, dueIn: 0, waitsFor: [], mismatch: false };
}
