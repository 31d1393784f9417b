import { setTimeout as sleep } from 'node:timers/promises';
import type { JobSnapshot } from '../job/kind.js';
import type { ActiveRun } from './active-run.js';
import type { ActiveRuns } from './runs-of-app.js';

const OWN = 'is held by the very run that this call is made in';
const CROSSWISE = 'is held by a run that itself waits for a run that this call is made in';
const ENDING = 'is in progress, and the run that waits for it is to end';

/** Why a call made in these runs never gets a job that is held like this: its holder waits for the call. undefined: it may. */
export function heldAround(around: readonly ActiveRun[], job: JobSnapshot): string | undefined {
  return around.some((run) => holds(run, job)) ? OWN : undefined;
}

/** The same of a call that would wait for it. Of runs of this app alone: what others wait for is not known here. */
export function waitsInVain(runs: ActiveRuns, around: readonly ActiveRun[], job: JobSnapshot): string | undefined {
  if (around.length > 0 && waitsForOneOf(around, runs, job, new Set())) return CROSSWISE;
  return endingOf(around);
}

/** Why a call made in these runs waits no longer, and begins nothing: one of them is to end. */
export function endingOf(around: readonly ActiveRun[]): string | undefined {
  return around.some(({ signal }) => signal.aborted) ? ENDING : undefined;
}

/** A pause in which these runs are known to wait for the job; cut short where one of them is to end, or the app stops. */
export async function waiting(
  around: readonly ActiveRun[],
  job: JobSnapshot,
  ms: number,
  closed: AbortSignal,
): Promise<void> {
  const signals = [closed, ...around.map(({ signal }) => signal)];
  const cut = new AbortController();
  const end = () => cut.abort();
  for (const signal of signals) signal.addEventListener('abort', end);
  for (const run of around) run.waitsFor.add(job);
  try {
    if (!signals.some(({ aborted }) => aborted)) await sleep(ms, undefined, { signal: cut.signal });
  } catch {
    // Cut short: whoever waited looks why.
  } finally {
    for (const run of around) run.waitsFor.delete(job);
    for (const signal of signals) signal.removeEventListener('abort', end);
  }
}

/** By the grant, not by the key alone: a run that has lost its job may wait for its successor. */
function holds({ grant }: ActiveRun, { kind, id, lease }: JobSnapshot): boolean {
  return grant.kind === kind && grant.id === id && grant.job.claims === lease?.claim && grant.worker === lease.worker;
}

function waitsForOneOf(
  around: readonly ActiveRun[],
  runs: ActiveRuns,
  job: JobSnapshot,
  seen: Set<ActiveRun>,
): boolean {
  if (around.some((run) => holds(run, job))) return true;
  const holder = runs.find((run) => holds(run, job));
  if (!holder || seen.has(holder)) return false;
  seen.add(holder);
  return [...holder.waitsFor].some((next) => waitsForOneOf(around, runs, next, seen));
}
