import { createHash } from 'node:crypto';
import type { JobSnapshot, Standing } from 'nestjs-job-tracking/core';
import type { Given, Key } from './deed.js';
import { type Job, running, snapshotOf } from './job.js';

/** All jobs there are. */
export type World = ReadonlyMap<Key, Job>;

/** What a deed may be answered with, and what it leaves. */
export interface Outcome {
  answer: unknown;
  world: World;
}

/** `contended`: jobs that somebody else is at in the same moment. A statement may pass over those. */
export interface Moment {
  now: number;
  contended: ReadonlySet<Key>;
}

export function changed(world: World, key: Key, job: Job | null): World {
  const next = new Map(world);
  if (job) next.set(key, job);
  else next.delete(key);
  return next;
}

export function splitKey(key: Key): { kind: 'a' | 'b'; id: string } {
  const [kind, id] = key.split('/') as ['a' | 'b', string];
  return { kind, id };
}

export function newJob(key: Key, { data, runIn, bound, priority }: Given, now: number): Job {
  return {
    ...splitKey(key),
    data,
    hash: hashOf(data),
    priority,
    bound,
    madeAt: now,
    changedAt: now,
    runAt: now + (runIn ?? 0),
    tried: [],
    verdict: 'pending',
    reason: null,
    countedFrom: 0,
    output: null,
    checkpoint: null,
    progress: null,
  };
}

/** As the tracker hashes what it registers: verify() compares. */
export function hashOf(data: string | null): string | null {
  return data && createHash('sha256').update(JSON.stringify(data)).digest('base64url');
}

/** Strictly: at its very end a lease still holds. */
export function isOver(job: Job, now: number): boolean {
  const holder = running(job);
  return holder !== null && holder.leaseEnd < now;
}

/** Earlier kinds in which the id has not succeeded. */
export function missingSteps(world: World, key: Key, afterA: boolean): string[] {
  if (!afterA) return [];
  const before = world.get(`a/${splitKey(key).id}` as Key);
  return before && !running(before) && before.verdict === 'succeeded' ? [] : ['a'];
}

export type StandingSeen = Omit<Standing, 'job'> & { job: JobSnapshot | null };

export function standingOf(
  job: Job | undefined,
  now: number,
  also: Partial<Pick<Standing, 'waitsFor' | 'mismatch'>> = {},
): StandingSeen {
  const until = (time: number | undefined) => Math.max(0, (time ?? now) - now);
  const expiresIn = until(job && running(job)?.leaseEnd);
  return {
    job: job ? snapshotOf(job) : null,
    expiresIn,
    dueIn: until(job?.runAt),
    waitsFor: [],
    mismatch: false,
    ...also,
  };
}
