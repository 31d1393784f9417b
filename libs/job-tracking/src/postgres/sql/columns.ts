/**
 * What a snapshot is made of, column by column: users may add columns of their own to the table. The two spans are milliseconds by the
 * database's clock, never below 0.
 */
export const JOB_COLUMNS = `j.kind, j.id, j.status, j.outcome, j.claims, j.attempts, j.failures, j.crashes, j.max_attempts, j.priority,
  j.run_at, j.created_at, j.updated_at, j.started_at, j.finished_at, j.expires_at, j.worker, j.token,
  j.progress, j.progress_note, j.progress_at, j.reason, j.error, j.checkpoint, j.output, j.data,
  greatest(0, extract(epoch from j.expires_at - now()) * 1000)::float8 as expires_in,
  greatest(0, extract(epoch from j.run_at - now()) * 1000)::float8 as due_in`;

/** Holds when the id has succeeded in every kind of the array. */
export const afterDone = (kinds: string, id: string) => `not exists (
  select 1 from unnest(${kinds}::text[]) step(kind)
  where not exists (select 1 from "job" p where p.kind = step.kind and p.id = ${id} and p.status = 'succeeded'))`;

/** Holds when the registered data is the given data, or when that is not asked. */
export const sameData = (asked: string, hash: string) =>
  `(not ${asked}::bool or j.data_hash is not distinct from ${hash}::text)`;

/** Holds when nothing but renewals and checkpoints has touched the job since it was read. `moment`: its `updatedAt`, which a Date holds to the millisecond. */
export const unchangedSince = (moment: string) => `date_trunc('milliseconds', j.updated_at) = ${moment}::timestamptz`;
