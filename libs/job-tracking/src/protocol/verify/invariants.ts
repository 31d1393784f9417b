import { grantsOf, type JobRecord, type RecordedGrant, type RecordedRow } from '../store/job-record.js';
import {
  endsBeforeStart,
  laterClaims,
  misnumbered,
  missingClaims,
  neverSucceeded,
  orphaned,
  purgedClaims,
  startsTooEarly,
  usedTwice,
  withWrongError,
  wrongAttempts,
  wrongCrashes,
  wrongFailures,
} from './history-invariants.js';
import {
  type Breach,
  dataBreach,
  errorBreach,
  isCounted,
  outcomeBreach,
  ROW_CONSTRAINTS,
  reasonBreach,
} from './row-invariants.js';

/** A law that the tables break for one job. */
export interface Violation {
  kind: string;
  id: string;
  /** Its stable name: docs/verify.md lists them. */
  invariant: string;
  /** For a reader. Never data, a worker, a token or a stored error. */
  detail: string;
}

// One damage breaks one invariant, as far as that can be: so the report points at it.

const OF_ROWS: Readonly<Record<string, (row: RecordedRow, grants: readonly RecordedGrant[]) => Breach>> = {
  ...ROW_CONSTRAINTS,
  reason: reasonBreach,
  error: errorBreach,
  'data-hash': (row, grants) => neverSucceeded(grants) && dataBreach(row),
  'count-attempts': (row, grants) => isCounted(row) && wrongAttempts(row, grants),
  'count-failures': wrongFailures,
  'count-crashes': wrongCrashes,
};

/** All that is wrong. */
const OF_HISTORY: Readonly<Record<string, (record: JobRecord, grants: readonly RecordedGrant[]) => Breach[]>> = {
  'job-past-attempt-outcome': ({ past }) => past.map(outcomeBreach),
  'history-complete': missingClaims,
  'history-purged': purgedClaims,
  'history-superseded': laterClaims,
  'history-owned': orphaned,
  'attempt-times': (_, grants) => endsBeforeStart(grants),
  'attempt-order': (_, grants) => startsTooEarly(grants),
  'attempt-token': (_, grants) => usedTwice(grants),
  'attempt-number': (_, grants) => misnumbered(grants),
  'attempt-error': ({ past }) => past.map(withWrongError),
};

export const INVARIANT_NAMES: readonly string[] = [...Object.keys(OF_ROWS), ...Object.keys(OF_HISTORY)];

/** Every invariant that the record breaks, once each. A job in progress breaks none. */
export function violationsOf(record: JobRecord): Violation[] {
  const { kind, id, row } = record;
  const grants = grantsOf(record);
  const violations: Violation[] = [];
  const report = (invariant: string, breaches: readonly Breach[]) => {
    const told = breaches.filter((breach) => breach !== false);
    if (told.length > 0) violations.push({ kind, id, invariant, detail: listed(told) });
  };
  if (row !== null) for (const [name, check] of Object.entries(OF_ROWS)) report(name, [check(row, grants)]);
  for (const [name, check] of Object.entries(OF_HISTORY)) report(name, check(record, grants));
  return violations;
}

const LISTED = 3;

function listed(breaches: readonly string[]): string {
  const more = breaches.length > LISTED ? [`and ${breaches.length - LISTED} more`] : [];
  return [...breaches.slice(0, LISTED), ...more].join('; ');
}
