import type { Key, Sent, Terms } from './deed.js';
import { buried, dies, grantedTo } from './granting.js';
import { type Job, running, snapshotOf } from './job.js';
import { changed, isOver, type Moment, missingSteps, type Outcome, standingOf, type World } from './world.js';

type Asked = Extract<Sent, { verb: 'claimDue' }>;

/** What a set's answer says that it holds: which orphans it takes is the store's own choice. */
export interface DueHeard {
  grants: readonly { key: Key; token: string; tookOver: boolean }[];
  died: readonly { key: Key }[];
}

/** A set as far as it is made. */
export interface Taken {
  grants: { key: Key }[];
  died: { key: Key }[];
  world: World;
}

export function claimedDue(world: World, sent: Asked, heard: DueHeard, moment: Moment): Outcome[] {
  return [answerOf(takenWaiting(takenOrphans(world, sent, heard, moment), sent, heard, moment))];
}

/** First the orphans: any of them, as long as none is left while the set has room for all. Those that somebody else is at may be left. */
export function takenOrphans(world: World, sent: Asked, heard: DueHeard, { now, contended }: Moment): Taken {
  const { kind, limit, terms } = sent;
  const ofKind = [...world].filter(([, job]) => job.kind === kind && isOver(job, now));
  const told = new Set([...heard.grants.filter(({ tookOver }) => tookOver), ...heard.died].map(({ key }) => key));
  const orphans = ofKind.filter(([key]) => isReady(world, key, terms));
  const chosen = orphans.filter(([key]) => told.has(key) || (limit > ofKind.length && !contended.has(key)));
  return chosen.reduce<Taken>((set, [key, job]) => withOne(set, key, job, sent, heard, now), {
    grants: [],
    died: [],
    world,
  });
}

/** Then what waits: the first ones by priority, time and id. */
export function takenWaiting(set: Taken, sent: Asked, heard: DueHeard, { now, contended }: Moment): Taken {
  const { kind, limit, terms } = sent;
  const ready = [...set.world].filter(
    ([key, job]) => job.kind === kind && !running(job) && isReady(set.world, key, terms),
  );
  const waiting = ready
    .filter(([, job]) => ['pending', 'failed'].includes(job.verdict) && job.runAt <= now)
    .sort(([, a], [, b]) => b.priority - a.priority || a.runAt - b.runAt || (a.id < b.id ? -1 : 1));
  // One that ends while it is taken for an orphan is taken as what it has become: out of turn, a failed one before its backoff.
  const becoming = ready.filter(
    ([key, job]) =>
      contended.has(key) &&
      heard.grants.some((grant) => grant.key === key) &&
      (job.verdict === 'failed' || waiting.some(([other]) => other === key)),
  );
  const first = [...becoming, ...waiting.filter(([key]) => !contended.has(key))];
  return first
    .slice(0, Math.max(0, limit - set.grants.length))
    .reduce((taken, [key, job]) => withOne(taken, key, job, sent, heard, now), set);
}

export function answerOf({ grants, died, world }: Taken): Outcome {
  const byKey = (a: { key: Key }, b: { key: Key }) => (a.key < b.key ? -1 : 1);
  return { answer: { grants: grants.toSorted(byKey), died: died.toSorted(byKey) }, world };
}

function withOne({ grants, died, world }: Taken, key: Key, job: Job, sent: Asked, heard: DueHeard, now: number): Taken {
  const { terms, worker } = sent;
  if (dies(job, terms)) {
    const dead = buried(job, terms, now);
    return { grants, died: [...died, { key, ...standingOf(dead, now) }], world: changed(world, key, dead) };
  }
  const tookOver = running(job) !== null;
  const told = heard.grants.find((grant) => grant.key === key && grant.tookOver === tookOver);
  const token = told?.token ?? 'a token of its own';
  const next = grantedTo(job, { token, worker, lease: terms.lease }, now);
  const grant = { key, token, claim: next.tried.length, tookOver, job: snapshotOf(next) };
  return { grants: [...grants, grant], died, world: changed(world, key, next) };
}

function isReady(world: World, key: Key, { afterA }: Terms): boolean {
  return missingSteps(world, key, afterA).length === 0;
}
