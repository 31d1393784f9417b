import type { Sql } from './connection.js';

/** As if the lease's time had passed without a word from its worker. */
export async function expireLease(sql: Sql, { kind = 'default', id }: { kind?: string; id: string }): Promise<void> {
  const rows = await sql(
    `update job set expires_at = now() - interval '1 s' where kind = $1 and id = $2 and status = 'in_progress' returning 1`,
    [kind, id],
  );
  if (rows.length === 0) throw new Error(`no run holds ${kind}/${id}`);
}

/** Everything that the tables hold, to see that nothing was written. */
export async function tablesOf(sql: Sql): Promise<{ jobs: unknown[]; past: unknown[] }> {
  return {
    jobs: await sql('select * from job order by kind, id'),
    past: await sql('select * from job_past_attempt order by kind, id, claim'),
  };
}
