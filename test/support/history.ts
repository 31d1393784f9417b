import type { Sql } from './connection.js';

/** A law of the tables that a job breaks. */
export interface Breach {
  law: string;
  kind: string;
  id: string;
  detail: string;
}

/** Every attempt, the last one too, with its token: the view shows no tokens. */
const RECORDS = `
  select kind, id, claim, attempt, token, worker, outcome, started_at, ended_at, error from job_past_attempt
  union all
  select kind, id, claims, attempts + case when outcome in ('snoozed', 'interrupted', 'released') then 1 else 0 end, token, worker, outcome, started_at,
    finished_at, error
  from job where claims > 0`;

/** Selects kind, id and detail of the jobs that break it. No operator has used `retry` on jobs that are asked about counts. */
const LAWS: Readonly<Record<string, string>> = {
  'history holds claims 1 to claims-1 without a gap': `
    select j.kind, j.id, j.claims || ' claims, in history: ' || coalesce(string_agg(p.claim::text, ' ' order by p.claim), 'none') as detail
    from job j left join job_past_attempt p using (kind, id) group by j.kind, j.id
    having count(p.claim) <> greatest(j.claims - 1, 0) or coalesce(max(p.claim), 0) <> greatest(j.claims - 1, 0)`,
  'no history without its job': `
    select p.kind, p.id, 'claim ' || p.claim as detail from job_past_attempt p left join job j using (kind, id) where j.id is null`,
  'no two attempts were open at once': `
    select kind, id, 'claim ' || claim || ' started before its predecessor ended' as detail from (
      select kind, id, claim, started_at, lag(ended_at) over (partition by kind, id order by claim) as before from records) r
    where started_at < before`,
  'an attempt ends after it starts': `select kind, id, 'claim ' || claim as detail from records where ended_at < started_at`,
  'no token was granted twice': `
    select min(kind) as kind, min(id) as id, count(*) || ' grants of one token' as detail from records group by token having count(*) > 1`,
  'every grant that was not given back is charged': `
    select j.kind, j.id, j.attempts || ' attempts' as detail from job j left join records r using (kind, id) group by j.kind, j.id
    having j.attempts <> count(r.claim) filter (where r.outcome is null or r.outcome not in ('snoozed', 'interrupted', 'released'))`,
  'failures and crashes are those since the last success': `
    select j.kind, j.id, j.failures || ' failures, ' || j.crashes || ' crashes' as detail
    from job j left join records r on r.kind = j.kind and r.id = j.id and r.claim > coalesce(
      (select max(s.claim) from records s where s.kind = j.kind and s.id = j.id and s.outcome = 'succeeded'), 0)
    group by j.kind, j.id
    having j.failures <> count(*) filter (where r.outcome = 'failed') or j.crashes <> count(*) filter (where r.outcome = 'crashed')`,
};

const OF_COUNTS = 'failures and crashes are those since the last success';

/** Every breach in the database, by our own reading of the tables. `retried`: an operator has cleared counts meanwhile. */
export async function brokenHistory(sql: Sql, { retried = false } = {}): Promise<Breach[]> {
  const laws = Object.entries(LAWS).filter(([law]) => !(retried && law === OF_COUNTS));
  const found = laws.map(async ([law, breaches]) => {
    const rows = await sql<Omit<Breach, 'law'>>(`with records as (${RECORDS}) ${breaches}`);
    return rows.map((row) => ({ law, ...row }));
  });
  return (await Promise.all(found)).flat();
}

export interface GrantRecord {
  kind: string;
  id: string;
  claim: number;
  worker: string;
  outcome: string | null;
  error: { message: string } | null;
}

/** The record of every grant of a kind, past and last. */
export async function grantRecords(sql: Sql, kind: string): Promise<GrantRecord[]> {
  return sql<GrantRecord>(
    `select kind, id, claim::int, worker, outcome, error from job_attempt where kind = $1 order by id, claim`,
    [kind],
  );
}
