import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { KIND, LONGEST_LEASE, POLL } from './work/terms.js';

export interface Quiet {
  /** Milliseconds from the last fault until no lease was left that had run out. */
  freed: number;
  /** Jobs whose lease ran out and that nobody took, though all was well. */
  stuck: string[];
}

const EVERY = 50;
/** A machine of two cores that has just started every process anew is late with everything. */
const SLACK = 2_000;
const PATIENCE = 60_000;
/** A takeover waits for the server's disk: as many commits at most, where an answer came too late and its statement went out again. */
const COMMITS = 4;
const COMMIT = `select pg_logical_emit_message(true, 'chaos', 'a commit')`;

interface Standing {
  open: number;
  overdue: number;
  stuck: string[];
}

const STANDING = `
  select (count(*) filter (where status not in ('succeeded', 'ignored')))::int as open, (count(*) filter (where expires_at < now()))::int as overdue,
    coalesce(array_agg(id) filter (where expires_at < now() - $2::float8 * interval '1 ms'), '{}') as stuck
  from job where kind = $1`;

/** Everybody is well from now on. Resolves when every job has come to its end, or its time for that is over. */
export async function quietDown(pool: Pool): Promise<Quiet> {
  const start = performance.now();
  const stuck = new Set<string>();
  let slowest = 0;
  for (let freed = 0; ; await sleep(EVERY)) {
    slowest = Math.max(slowest, await timed(() => pool.query(COMMIT)));
    const late = POLL + SLACK + COMMITS * slowest;
    const { rows } = await pool.query<Standing>(STANDING, [KIND, late]);
    const [standing] = rows as [Standing];
    const passed = performance.now() - start;
    if (standing.overdue > 0) freed = Math.round(passed);
    // Also a lease that ran out while nobody could take it has found somebody by then.
    if (passed > LONGEST_LEASE + late) for (const id of standing.stuck) stuck.add(id);
    if (standing.open === 0 || passed > PATIENCE) return { freed, stuck: [...stuck] };
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}
