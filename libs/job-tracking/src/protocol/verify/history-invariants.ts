import {
  givesBack,
  type JobRecord,
  purgedOf,
  type RecordedAttempt,
  type RecordedGrant,
  type RecordedRow,
} from '../store/job-record.js';
import type { Breach } from './row-invariants.js';

export function missingClaims({ row, past }: JobRecord): string[] {
  if (row === null) return [];
  const breaches: string[] = [];
  let next = purgedOf(row) + 1;
  for (const { claim } of past) {
    if (claim < 1 || claim >= row.claims) continue;
    if (claim > next) breaches.push(`no record of claim ${span(next, claim - 1)}`);
    next = Math.max(next, claim + 1);
  }
  if (next < row.claims) breaches.push(`no record of claim ${span(next, row.claims - 1)}`);
  return breaches;
}

export function purgedClaims({ row, past }: JobRecord): string[] {
  if (row === null) return [];
  const purged = purgedOf(row);
  return past.filter(({ claim }) => claim <= purged).map(({ claim }) => `claim ${claim}, and ${purged} are purged`);
}

/** The row is the record of the last claim: history that holds it, or a later one, means that an outcome went to the wrong place. */
export function laterClaims({ row, past }: JobRecord): string[] {
  if (row === null) return [];
  const { claims } = row;
  return past
    .filter(({ claim }) => claim >= claims)
    .map(({ claim }) => `claim ${claim}, and the row is of claim ${claims}`);
}

export function orphaned({ row, past }: JobRecord): string[] {
  return row === null && past.length > 0 ? [`${past.length} attempts of no job`] : [];
}

export function endsBeforeStart(grants: readonly RecordedGrant[]): string[] {
  return grants
    .filter(({ startedAt, endedAt }) => startedAt !== null && endedAt !== null && endedAt < startedAt)
    .map(({ claim }) => `claim ${claim} ends before it starts`);
}

/** Also an outcome that was written after a later claim shows here. */
export function startsTooEarly(grants: readonly RecordedGrant[]): string[] {
  return grants.flatMap(({ claim, startedAt }, i) => {
    const before = grants[i - 1];
    const overlap = before?.endedAt != null && startedAt !== null && startedAt < before.endedAt;
    return overlap ? [`claim ${claim} starts before claim ${before.claim} has ended`] : [];
  });
}

export function usedTwice(grants: readonly RecordedGrant[]): string[] {
  const first = new Map<string, number>();
  return grants.flatMap(({ claim, token }) => {
    if (token === null) return [];
    const before = first.get(token);
    if (before === undefined) first.set(token, claim);
    return before === undefined ? [] : [`claim ${claim} has the token of claim ${before}`];
  });
}

export function withWrongError({ claim, outcome, hasError }: RecordedAttempt): Breach {
  if (outcome === 'failed') return !hasError && `claim ${claim} failed without an error`;
  const clean = outcome === 'succeeded' || givesBack(outcome) === true;
  return clean && hasError && `claim ${claim} ${outcome} with an error`;
}

export function misnumbered(grants: readonly RecordedGrant[]): string[] {
  return charges(grants).misnumbered;
}

export function wrongAttempts({ attempts }: RecordedRow, grants: readonly RecordedGrant[]): Breach {
  const { least, most } = charges(grants);
  return (attempts < least || attempts > most) && `${attempts} attempts, charged were ${span(least, most)}`;
}

export function wrongFailures({ status, failures }: RecordedRow, grants: readonly RecordedGrant[]): Breach {
  if (status === 'failed' && failures === 0) return 'failed, and 0 failures';
  const most = badEnds(grants).failures;
  return failures > most && `${failures} failures, since the last success there were at most ${most}`;
}

export function wrongCrashes({ crashes }: RecordedRow, grants: readonly RecordedGrant[]): Breach {
  const most = badEnds(grants).crashes;
  return crashes > most && `${crashes} crashes, since the last success there were at most ${most}`;
}

/**
 * How many grants were charged, and which attempts in history are not numbered as they were charged. Two numbers, the least and the most, where
 * records are purged or missing; a numbered attempt behind them brings them together again.
 */
function charges(grants: readonly RecordedGrant[]): { least: number; most: number; misnumbered: string[] } {
  let [least, most] = [0, 0];
  const misnumbered: string[] = [];
  for (const { claim, unknown, attempt, outcome } of grants) {
    most += unknown;
    if (attempt !== null && attempt > least && attempt <= most + 1) least = most = attempt - 1;
    else if (attempt !== null)
      misnumbered.push(`claim ${claim} is attempt ${attempt}, not ${span(least + 1, most + 1)}`);
    const givenBack = outcome !== null && givesBack(outcome);
    if (givenBack === false) least++;
    if (givenBack !== true) most++;
  }
  return { least, most, misnumbered };
}

/** At most so many: `retry` clears what a job has against it and leaves no record. */
function badEnds(grants: readonly RecordedGrant[]): { failures: number; crashes: number } {
  let [failures, crashes, unknown] = [0, 0, 0];
  for (const grant of grants) {
    unknown += grant.unknown;
    if (grant.outcome === 'succeeded') [failures, crashes, unknown] = [0, 0, 0];
    else if (grant.outcome === 'failed') failures++;
    else if (grant.outcome === 'crashed') crashes++;
    else if (grant.outcome !== null && givesBack(grant.outcome) === undefined) unknown++;
  }
  return { failures: failures + unknown, crashes: crashes + unknown };
}

/** No success can have replaced the data, as far as history tells. */
export function neverSucceeded(grants: readonly RecordedGrant[]): boolean {
  return grants.every(
    ({ unknown, outcome }) =>
      unknown === 0 && outcome !== 'succeeded' && (outcome === null || givesBack(outcome) !== undefined),
  );
}

function span(least: number, most: number): string {
  return least === most ? String(least) : `${least} to ${most}`;
}
