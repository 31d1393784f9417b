import type { Evidence } from './check/evidence.js';
import { type Law } from './check/law.js';
import { HARMS, type Harm } from './check/laws.js';
import type { Silence } from './faults/process-slot.js';
import { FAULTS, type FaultKind } from './faults/schedule.js';
import { leaseOf, workerNumber } from './work/terms.js';

export interface Breach {
  law: Law['law'];
  harm: Harm;
  what: string;
}

export interface Figures {
  seed: number;
  seconds: number;
  workers: number;
  schedule: string;
  faults: Record<FaultKind, number>;
  jobs: number;
  attempts: number;
  takeovers: number;
  /** Of jobs whose worker was killed, stopped or cut off: from then until they were taken over, in leases of that worker. */
  recovery: { median: number; worst: number; of: number };
  /** Milliseconds from the last fault until no lease was left that had run out. */
  freed: number;
  breaches: Record<Harm, number>;
}

export function recoveryOf({ records }: Evidence, silences: readonly Silence[]): Figures['recovery'] {
  const byWorker = Map.groupBy(silences, ({ worker }) => worker);
  const times = records.flatMap(({ worker, outcome, startedAt, endedAt }) => {
    if (outcome !== 'crashed' || endedAt === null) return [];
    const lease = leaseOf(workerNumber(worker));
    const silence = byWorker.get(worker)?.findLast(({ from, to }) => from <= endedAt && endedAt <= to + lease);
    return silence ? [(endedAt - Math.max(silence.from, startedAt)) / lease] : [];
  });
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)] ?? 0, worst: times.at(-1) ?? 0, of: times.length };
}

export function countBreaches(breaches: readonly Breach[]): Record<Harm, number> {
  const counts = HARMS.map((harm) => [harm, breaches.filter((breach) => breach.harm === harm).length]);
  return Object.fromEntries(counts);
}

export function faultsTold(faults: Figures['faults']): string {
  return FAULTS.map((kind) => `${kind} ${faults[kind]}`).join(', ');
}

export function totalOf(faults: Figures['faults']): number {
  return FAULTS.reduce((sum, kind) => sum + faults[kind], 0);
}

/** The last line of a run. */
export function lineOf(figures: Figures): string {
  const { faults, jobs, attempts, takeovers, recovery, freed, breaches } = figures;
  return [
    `${totalOf(faults)} faults (${faultsTold(faults)})`,
    `${jobs} jobs`,
    `${attempts} attempts`,
    `${takeovers} takeovers`,
    `recovery of ${recovery.of}: median ${recovery.median.toFixed(1)} leases, worst ${recovery.worst.toFixed(1)}`,
    `all free ${freed} ms after the last fault`,
    `${breaches.lost} lost`,
    `${breaches.doubled} doubled`,
    `${breaches.broken} broken`,
  ].join('; ');
}
