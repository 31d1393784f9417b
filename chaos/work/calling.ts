import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallPolicy,
  type JobTrackerService,
  JobTrackingError,
  LeaseLostError,
  type RunOutcome,
} from 'nestjs-job-tracking';
import { type Entry, IN_DOUBT, type Journal, type Output } from '../journal.js';
import { pick, type Random } from '../random.js';
import type { Handler } from './handler.js';
import { hotId, KIND } from './terms.js';

export interface CallerOptions {
  tracker: JobTrackerService;
  handle: Handler;
  policy: CallPolicy;
  journal: Journal;
  random: Random;
  startedAt: number;
  until: AbortSignal;
}

const DUPLICATES = ['refuse', 'rerun', 'rerun', 'replay', 'join'] as const;
const PAUSE = 30;

/** Asks for jobs that others ask for too, and notes what it is told. */
export async function callAgainAndAgain(options: CallerOptions): Promise<void> {
  const { random, startedAt, journal, until } = options;
  while (!until.aborted) {
    const told = await call(options, hotId(startedAt, random));
    journal.note(told);
    // A refusal costs next to nothing: without a pause they would be all there is.
    if (told.claim === null) await sleep(PAUSE);
  }
}

type Told = Extract<Entry, { type: 'told' }>;

async function call({ tracker, handle, policy, random }: CallerOptions, id: string): Promise<Told> {
  const job = { kind: KIND, id, data: { of: 0 } };
  const asked = { ...policy, onDuplicate: pick(random, DUPLICATES) };
  let claim: number | null = null;
  const work: Handler = (run) => {
    claim = run.job.claims;
    return handle(run);
  };
  const told = (what: Omit<Told, 'type' | 'id' | 'claim'>): Told => ({ type: 'told', id, claim, ...what });
  try {
    if (random() < 0.3) return told({ status: 'succeeded', output: await tracker.track(job, work, asked) });
    return told(answerOf(await tracker.settle(job, work, asked)));
  } catch (error) {
    return told({ status: claim === null ? 'refused' : 'threw', error: wordOf(error) });
  }
}

function answerOf(outcome: RunOutcome<Output>): Omit<Told, 'type' | 'id' | 'claim'> {
  if (outcome.status === 'succeeded')
    return { status: 'succeeded', output: outcome.output, replayed: outcome.replayed };
  return { status: outcome.status, error: wordOf(outcome.error) };
}

function wordOf(error: unknown): string {
  // Given up recording: whether its outcome came through, nobody could know.
  if (error instanceof LeaseLostError && error.message.includes('may still be')) return IN_DOUBT;
  if (error instanceof JobTrackingError) return error.code;
  return error instanceof Error ? error.message : String(error);
}
