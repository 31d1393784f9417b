import type { Sql } from '../support/connection.js';

export interface Place {
  kind: string;
  id: string;
}

/** Whose token is on the row. */
export const TOKENS = {
  holder: '00000000-0000-4000-8000-000000000001',
  first: '00000000-0000-4000-8000-00000000000a',
  second: '00000000-0000-4000-8000-00000000000b',
} as const;

/** When a job had changed last, as an operator found it. */
export const CHANGED_AT = new Date('2020-01-01T00:00:00.123Z');

const BEFORE = `now() - interval '1 h'`;
const claimed = `claims = 1, token = '${TOKENS.holder}', worker = 'holder', started_at = ${BEFORE}`;
const ended = `${claimed}, finished_at = ${BEFORE} + interval '1 s', run_at = ${BEFORE}`;
const ERROR = `'{"name":"Error","message":"no","fingerprint":"f00d"}'`;

/** How a job may stand when two statements meet at it: what is set on a row that was registered an hour ago. */
const SITUATIONS = {
  missing: null,
  fresh: `run_at = ${BEFORE}`,
  'for later': `run_at = now() + interval '1 h'`,
  'pending again': `${ended}, outcome = 'snoozed'`,
  running: `${claimed}, attempts = 1, status = 'in_progress', expires_at = now() + interval '1 h'`,
  expired: `${claimed}, attempts = 1, status = 'in_progress', expires_at = now() - interval '1 s'`,
  failed: `${ended}, attempts = 1, status = 'failed', outcome = 'failed', failures = 1, error = ${ERROR}`,
  succeeded: `${ended}, attempts = 1, status = 'succeeded', outcome = 'succeeded', output = '1'`,
  ignored: `${ended}, attempts = 1, status = 'ignored', outcome = 'ignored', reason = 'gone', error = ${ERROR}`,
} as const;

export type Situation = keyof typeof SITUATIONS;

/** A job's claims in that situation. */
export function claimsIn(situation: Situation): number {
  return SITUATIONS[situation]?.includes('claims = 1') ? 1 : 0;
}

export const ALL = Object.keys(SITUATIONS) as Situation[];

/** Places are the test's own: they stand in the text. */
export async function bringAbout(sql: Sql, situation: Situation, { kind, id }: Place): Promise<void> {
  const changes = SITUATIONS[situation];
  if (changes === null) return;
  await sql(`insert into job (kind, id) values ('${kind}', '${id}');
    update job set ${changes}, updated_at = '${CHANGED_AT.toISOString()}' where kind = '${kind}' and id = '${id}'`);
}

/** All that two orders of events must agree on: of times only that they are in order. */
const ROW = `
  select status, outcome, claims::int, attempts, failures, crashes, token, worker, expires_at is not null as leased, reason, error, output, data,
    checkpoint, progress, max_attempts, run_at > now() + interval '10 s' as for_later,
    not exists (select 1 from job_past_attempt p where p.kind = $1 and p.id = $2 and p.ended_at > job.started_at) as in_order
  from job where kind = $1 and id = $2`;

const PAST = `
  select claim::int, attempt, token, worker, outcome, error from job_past_attempt where kind = $1 and id = $2 order by claim`;

export interface Left {
  row: { claims: number } | undefined;
  past: unknown[];
}

export async function whatIsLeft(sql: Sql, { kind, id }: Place): Promise<Left> {
  const [rows, past] = await Promise.all([sql<{ claims: number }>(ROW, [kind, id]), sql(PAST, [kind, id])]);
  return { row: rows[0], past };
}
