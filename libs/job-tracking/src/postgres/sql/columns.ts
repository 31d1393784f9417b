/** A time as whole milliseconds since 1970, or Infinity. */
export const moment = (time: string) => `floor(extract(epoch from ${time}) * 1000)::text`;

/** Milliseconds from now to a time, to the microsecond. Of infinity too: the difference of two timestamps would err in PostgreSQL before 17. */
export const until = (time: string) => `(extract(epoch from ${time}) - extract(epoch from now())) * 1000`;

/**
 * What a snapshot is made of, column by column: users may add columns of their own to the table. All but whole numbers are texts, which neither the
 * session's settings nor the app's driver change (as-text.ts). The two spans are milliseconds by the database's clock, never below 0.
 */
export const JOB_COLUMNS = `j.kind, j.id, j.status, j.outcome, j.claims, j.attempts, j.failures, j.crashes, j.max_attempts, j.priority,
  ${moment('j.run_at')} as run_at, ${moment('j.created_at')} as created_at, ${moment('j.updated_at')} as updated_at,
  ${moment('j.started_at')} as started_at, ${moment('j.finished_at')} as finished_at, ${moment('j.expires_at')} as expires_at,
  j.worker, j.token::text as token, j.progress::numeric::text as progress, j.progress_note, ${moment('j.progress_at')} as progress_at, j.reason,
  j.error::text as error, j.checkpoint::text as checkpoint, j.output::text as output, j.data::text as data,
  greatest(0, ${until('j.expires_at')})::text as expires_in, greatest(0, ${until('j.run_at')})::text as due_in`;

/** Holds when the id has succeeded in every kind of the array. */
export const afterDone = (kinds: string, id: string) => `not exists (
  select 1 from unnest(${kinds}::text[]) step(kind)
  where not exists (select 1 from "job" p where p.kind = step.kind and p.id = ${id} and p.status = 'succeeded'))`;

/** Holds when the registered data is the given data, or when that is not asked. */
export const sameData = (asked: string, hash: string) =>
  `(not ${asked}::bool or j.data_hash is not distinct from ${hash}::text)`;

/** Holds when nothing but renewals and checkpoints has touched the job since it was read. `moment`: its `updatedAt`, which a Date holds to the millisecond. */
export const unchangedSince = (moment: string) => `date_trunc('milliseconds', j.updated_at) = ${moment}::timestamptz`;
