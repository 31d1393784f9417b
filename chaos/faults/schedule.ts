import { createHash } from 'node:crypto';
import { between, type Random, randomFrom, shuffled } from '../random.js';

/**
 * Of processes: kill (SIGKILL), stop (SIGSTOP, later SIGCONT), terminate (SIGTERM). Of the server: backends (pg_terminate_backend), server (an
 * immediate stop, later a start). Of the way between them: delay; hole (nothing comes through, and what was sent is gone); hold (nothing comes
 * through, and all of it later); reset; cut answers (the server does it, the connection breaks before the answer); late (the connection breaks,
 * the server gets the statement later).
 */
export const FAULTS = [
  'kill',
  'stop',
  'terminate',
  'backends',
  'server',
  'delay',
  'hole',
  'hold',
  'reset',
  'cut answers',
  'late',
] as const;

export type FaultKind = (typeof FAULTS)[number];

export interface PlannedFault {
  /** Milliseconds after the start. */
  at: number;
  kind: FaultKind;
  /** The number of a worker; of ways, the last one is the operators'. */
  target: number | 'all';
  /** Milliseconds that it lasts; of a process that ends: until its successor starts. */
  span: number;
  /** delay, late: milliseconds. backends: how many in a hundred. */
  by: number;
}

const FIRST = 500;
const GAP = [250, 950] as const;
const SPANS: Readonly<Record<FaultKind, readonly [least: number, most: number]>> = {
  kill: [0, 800],
  stop: [200, 3_000],
  terminate: [0, 400],
  backends: [0, 0],
  server: [0, 1_500],
  delay: [500, 3_000],
  hole: [300, 3_000],
  hold: [300, 2_500],
  reset: [0, 0],
  'cut answers': [200, 1_500],
  late: [200, 1_000],
};
const OF_WAYS: readonly FaultKind[] = ['delay', 'hole', 'hold', 'reset', 'cut answers', 'late'];
const ALL_WAYS = 0.15;

/** What goes wrong, and when: the same seed, time and number of workers give the same schedule. Every kind comes once before any comes again. */
export function scheduleOf({
  seed,
  seconds,
  workers,
}: {
  seed: number;
  seconds: number;
  workers: number;
}): PlannedFault[] {
  const random = randomFrom(seed);
  const schedule: PlannedFault[] = [];
  let deck: FaultKind[] = [];
  for (let at = FIRST; at < seconds * 1_000; at += between(random, ...GAP)) {
    if (deck.length === 0) deck = shuffled(random, FAULTS);
    schedule.push(fault(random, at, deck.pop() as FaultKind, workers));
  }
  return schedule;
}

function fault(random: Random, at: number, kind: FaultKind, workers: number): PlannedFault {
  const isOfWays = OF_WAYS.includes(kind);
  const all = random() < ALL_WAYS && isOfWays;
  const target = all ? 'all' : between(random, 0, isOfWays ? workers : workers - 1);
  const by = kind === 'backends' ? between(random, 10, 100) : between(random, 50, 1_200);
  return { at, kind, target, span: between(random, ...SPANS[kind]), by };
}

/** A name for a schedule: two runs that print the same one met the same faults at the same times. */
export function digestOf(schedule: readonly PlannedFault[]): string {
  return createHash('sha256').update(JSON.stringify(schedule)).digest('hex').slice(0, 12);
}
