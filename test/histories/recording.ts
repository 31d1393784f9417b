import { errorOf, type Key, type Writing } from './deed.js';
import { endOfLast, usedUp } from './granting.js';
import { counted, type Job, type Tried } from './job.js';
import { changed, type Moment, type Outcome, standingOf, type World } from './world.js';

type Sent = Writing & { key: Key; token: string };

/** Every write of a run names its token. Without the job, or by a token that does not hold it, nothing is written. */
export function written(world: World, sent: Sent, { now }: Moment): Outcome[] {
  const { key, token } = sent;
  const job = world.get(key);
  const held = job && job.tried.at(-1)?.token === token && job.tried.at(-1)?.end === null;
  if (sent.verb === 'isHeld') return [{ answer: held === true, world }];
  if (!job || !held) return [{ answer: answerOfNothing(job, sent, now), world }];
  const next = afterWrite(job, sent, now);
  return [{ answer: sent.verb === 'end' ? standingOf(next, now) : true, world: changed(world, key, next) }];
}

/** Lost; but the very outcome that stands for this token is acknowledged again: its answer may have been lost. */
function answerOfNothing(job: Job | undefined, sent: Sent, now: number): unknown {
  const stands = job?.tried.find(({ token }) => token === sent.token)?.end?.outcome;
  if (sent.verb === 'succeed') return stands === 'succeeded';
  if (sent.verb === 'end') return stands === sent.outcome ? standingOf(job, now) : null;
  return false;
}

function afterWrite(job: Job, sent: Sent, now: number): Job {
  const last = job.tried.at(-1) as Tried;
  const ending = (end: NonNullable<Tried['end']>) => [...job.tried.slice(0, -1), endOfLast(job, end)];
  switch (sent.verb) {
    case 'isHeld':
      return job;
    case 'renew': {
      const renewed = { ...last, leaseEnd: Math.max(last.leaseEnd, now + sent.lease) };
      const progress = sent.fraction === null ? job.progress : { fraction: sent.fraction, note: 'so far', at: now };
      return { ...job, tried: [...job.tried.slice(0, -1), renewed], progress };
    }
    case 'checkpoint':
      return { ...job, checkpoint: sent.state };
    case 'succeed': {
      const tried = ending({ outcome: 'succeeded', at: now, error: null });
      const { output, reason, data = job.data } = sent;
      const cleared = { countedFrom: tried.length, checkpoint: null };
      return { ...job, ...cleared, tried, verdict: 'succeeded', output, reason, data, changedAt: now };
    }
    case 'end': {
      const { outcome, delay, maxAttempts } = sent;
      const tried = ending({ outcome, at: now, error: errorOf(outcome) });
      const ended = { ...job, tried, runAt: now + delay, changedAt: now };
      if (outcome === 'ignored') return { ...ended, verdict: 'ignored', reason: 'the customer is gone' };
      if (outcome !== 'failed') return { ...ended, verdict: 'pending', reason: null };
      const [failures, crashes] = [counted(ended, 'failed'), counted(ended, 'crashed')];
      if (failures + crashes < (job.bound ?? maxAttempts)) return { ...ended, verdict: 'failed', reason: null };
      return { ...ended, verdict: 'ignored', reason: usedUp(failures, crashes) };
    }
  }
}
