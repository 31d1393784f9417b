import { Pool } from 'pg';

/** What handlers do in the world: a row for each start and each end, with how the job stood at that moment by the database's record. */
export const EFFECTS_TABLE = `
  create table effect (
    id text not null, claim int not null, worker text not null, what text not null check (what in ('start', 'end')), how text,
    at timestamptz not null default clock_timestamp(), claims_then int, status_then text, worker_then text)`;

/** FOR KEY SHARE, as the fence of a user's transaction: a takeover passes by, a release waits, so what is read holds when the row is written. */
const INSERT = `
  with job_then as materialized (select claims, status, worker from job where kind = $1 and id = $2 for key share)
  insert into effect (id, claim, worker, what, how, claims_then, status_then, worker_then)
  select $2, $3, $4, $5, $6, j.claims, j.status, j.worker from (select 1) one left join job_then j on true
  returning claims_then`;

const CONNECTIONS = 4;
const PATIENCE = 2_000;

export interface Effect {
  id: string;
  claim: number;
  worker: string;
  what: 'start' | 'end';
  how: string | null;
}

/** Our database's fault, not the job's. */
export class EffectError extends Error {}

export class Effects {
  readonly #pool: Pool;

  constructor(
    url: string,
    private readonly kind: string,
  ) {
    const timeouts = { query_timeout: PATIENCE, connectionTimeoutMillis: PATIENCE };
    this.#pool = new Pool({ connectionString: url, max: CONNECTIONS, ...timeouts });
    this.#pool.on('error', () => {}); // ended on purpose; the next query opens another
  }

  /** Answers which claim the job is at. */
  async write({ id, claim, worker, what, how }: Effect): Promise<number | null> {
    const values = [this.kind, id, claim, worker, what, how];
    const { rows } = await this.#pool.query<{ claims_then: number | null }>(INSERT, values).catch((cause) => {
      throw new EffectError('the effect could not be written', { cause });
    });
    return rows[0]?.claims_then ?? null;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
