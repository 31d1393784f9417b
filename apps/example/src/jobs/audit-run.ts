import { setTimeout as sleep } from 'node:timers/promises';
import type { JobSpec, JobTrackerService } from 'nestjs-job-tracking';
import { AuditStanding } from './audit-standing.js';
import { STEPS } from './kinds.js';

/** Registers every step of every package, which is harmless for those that are known. Answers what earlier runs had left of them. */
export async function registerAudit(tracker: JobTrackerService, ids: readonly string[]): Promise<AuditStanding> {
  const left = await AuditStanding.of(tracker, ids);
  await tracker.registerMany(everyStepOf(ids));
  return left;
}

function* everyStepOf(ids: readonly string[]): Generator<JobSpec> {
  for (const kind of STEPS) for (const id of ids) yield { kind, id };
}

/** Tells how far the audit is until every job has come to its end, or `stop` fires. It only looks on: the consumers do the work. */
export async function* watchAudit(
  tracker: JobTrackerService,
  ids: readonly string[],
  { every, stop }: { every: number; stop: AbortSignal },
): AsyncGenerator<AuditStanding> {
  while (!stop.aborted) {
    const standing = await AuditStanding.of(tracker, ids);
    yield standing;
    if (standing.open.length === 0) return;
    await sleep(every, undefined, { signal: stop }).catch(() => {});
  }
}
