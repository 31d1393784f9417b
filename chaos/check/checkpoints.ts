import type { Checkpoint } from '../journal.js';
import { type Evidence, noted } from './evidence.js';

/**
 * Attempts that found another checkpoint than the last one that was acknowledged since the last success, or a later one that was on its way.
 * A success clears it.
 */
export function wrongCheckpoints(evidence: Evidence): string[] {
  const sent = byJob(noted(evidence, 'keeping'));
  const kept = byJob(noted(evidence, 'kept'));
  const successes = byJob(evidence.records.filter(({ outcome }) => outcome === 'succeeded'));
  return noted(evidence, 'granted').flatMap(({ id, claim, found, worker }) => {
    const cleared = Math.max(
      0,
      ...(successes.get(id) ?? []).map((success) => success.claim).filter((done) => done < claim),
    );
    const before = (states: readonly Checkpoint[] = []) =>
      states.filter((state) => state.claim > cleared && state.claim < claim);
    const last = before(kept.get(id)).reduce<Checkpoint | null>((a, b) => (a && isLater(a, b) ? a : b), null);
    const isKnown = found === null || before(sent.get(id)).some((state) => isSame(state, found));
    const isLost = last !== null && (found === null || isLater(last, found));
    if (isKnown && !isLost) return [];
    return [
      `${id} claim ${claim} of ${worker}: found ${JSON.stringify(found)}, acknowledged was ${JSON.stringify(last)}`,
    ];
  });
}

function isLater(a: Checkpoint, b: Checkpoint): boolean {
  return a.claim > b.claim || (a.claim === b.claim && a.step > b.step);
}

function isSame(a: Checkpoint, b: Checkpoint): boolean {
  return a.claim === b.claim && a.step === b.step;
}

function byJob<T extends { id: string }>(entries: readonly T[]): Map<string, T[]> {
  return Map.groupBy(entries, ({ id }) => id);
}
