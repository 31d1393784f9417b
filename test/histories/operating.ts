import type { Key, Many, Sent } from './deed.js';
import { endOfLast } from './granting.js';
import { counted, type Job, running, statusOf } from './job.js';
import { changed, type Moment, newJob, type Outcome, standingOf, type World } from './world.js';

type Of<Verb extends Sent['verb']> = Extract<Sent, { verb: Verb }>;

export function registered(world: World, sent: Of<'register' | 'registerSet'>, { now }: Moment): Outcome[] {
  if (sent.verb === 'register') {
    const known = world.get(sent.key);
    const job = known ?? newJob(sent.key, sent.given, now);
    const answer = { registered: known === undefined, standing: standingOf(job, now) };
    return [{ answer, world: changed(world, sent.key, job) }];
  }
  let next = world;
  for (const { key, given } of sent.jobs) if (!next.has(key)) next = changed(next, key, newJob(key, given, now));
  return [{ answer: next.size - world.size, world: next }];
}

export function operated(
  world: World,
  sent: Of<'retry' | 'ignore' | 'release' | 'remove'>,
  { now }: Moment,
): Outcome[] {
  const job = world.get(sent.key);
  const next = job && become(job, sent, now);
  if (next === undefined || job === undefined)
    return [{ answer: { changed: false, standing: standingOf(job, now) }, world }];
  const answer = { changed: true, standing: standingOf(next ?? job, now) };
  return [{ answer, world: changed(world, sent.key, next) }];
}

/** undefined: not from here. null: it is gone. */
function become(job: Job, sent: { verb: string; rerun?: boolean }, now: number): Job | null | undefined {
  switch (sent.verb) {
    case 'retry':
      return retried(job, sent.rerun ?? false, now);
    case 'ignore':
      if (running(job) || !['pending', 'failed'].includes(job.verdict)) return undefined;
      return { ...job, verdict: 'ignored', reason: 'by hand', changedAt: now };
    case 'release': {
      if (!running(job)) return undefined;
      const tried = [...job.tried.slice(0, -1), endOfLast(job, { outcome: 'released', at: now, error: null })];
      return { ...job, tried, verdict: 'pending', runAt: now, changedAt: now };
    }
    default:
      return running(job) ? undefined : null;
  }
}

/** Due now, nothing held against it. */
function retried(job: Job, rerun: boolean, now: number): Job | undefined {
  if (running(job) || (job.verdict === 'succeeded' && !rerun)) return undefined;
  const waits = job.verdict === 'pending';
  const clean = counted(job, 'failed') + counted(job, 'crashed') === 0;
  if (waits && job.runAt <= now && clean) return undefined;
  const runAt = waits ? Math.min(job.runAt, now) : now;
  return { ...job, verdict: 'pending', runAt, countedFrom: job.tried.length, reason: null, changedAt: now };
}

/** As the verb for one job, for each that matches; which ones, where a limit leaves some, is the store's choice. */
export function operatedMany(
  world: World,
  sent: Of<'retryMany' | 'ignoreMany' | 'removeMany'>,
  { now, contended }: Moment,
): Outcome[] {
  const { many } = sent;
  const verb = sent.verb.slice(0, -'Many'.length);
  const could = [...world].flatMap(([key, job]): [Key, Job | null][] => {
    // Jobs that wait for a time of their own start early only when pending ones are asked for by name.
    if (verb === 'retry' && job.verdict === 'pending' && !many.statuses?.includes('pending')) return [];
    const next = matches(job, many) ? become(job, { ...sent, verb }, now) : undefined;
    return next === undefined ? [] : [[key, next]];
  });
  const most = many.limit ?? could.length;
  const least = Math.min(most, could.filter(([key]) => !contended.has(key)).length);
  return subsets(could)
    .filter((set) => set.length <= most && set.length >= least)
    .map((set) => {
      const next = set.reduce((before, [key, job]) => changed(before, key, job), world);
      return { answer: set.length, world: next };
    });
}

function matches(job: Job, { kind, statuses }: Many): boolean {
  return job.kind === kind && (statuses === undefined || statuses.includes(statusOf(job)));
}

function subsets<T>(all: readonly T[]): T[][] {
  const [first, ...rest] = all;
  return first === undefined ? [[]] : subsets(rest).flatMap((set) => [set, [first, ...set]]);
}
