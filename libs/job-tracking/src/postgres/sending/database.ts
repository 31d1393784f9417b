import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../../protocol/index.js';
import { didNothing, type Fault, faultOf } from './fault.js';

/** What we need of a pool: a statement with bind parameters, on a connection that is dropped when it errs. */
export interface SqlPool {
  query(statement: SqlStatement): Promise<{ rows: unknown[]; rowCount: number | null }>;
  end(): Promise<void>;
}

export interface SqlStatement {
  text: string;
  values: unknown[];
  /** Milliseconds to wait for its answer; undefined: the pool's. */
  query_timeout: number | undefined;
}

export interface Answer<Row> {
  rows: Row[];
  count: number;
  /** When the statement that was answered was sent, on this process's monotonic clock. */
  sentAt: number;
  /** An earlier sending of it may have come through as well, or may still. */
  resent: boolean;
}

export interface Sending {
  /** false: a statement whose answer was lost is not sent again; the caller resolves it. */
  again?: boolean;
  /** Milliseconds for the answer to each sending; undefined: the pool's own. */
  within?: number;
}

const FIRST_WAIT = 25;
const LONGEST_WAIT = 500;

/**
 * Sends statements until one is answered. A statement whose answer was lost may have been committed, or may be committed later: reading
 * cannot tell. So the same statement goes out again with the same parameters, and every statement of ours is safe to send twice.
 */
export class Database {
  readonly #pool: SqlPool;
  readonly #patience: number;
  readonly #qualify: (text: string) => string;
  #closed = false;

  /** `patience`: milliseconds for which an absent database is asked again. `schema`: where our tables are; undefined: the connection's default. */
  constructor(pool: SqlPool, { patience, schema }: { patience: number; schema: string | undefined }) {
    this.#pool = pool;
    this.#patience = patience;
    this.#qualify = qualifier(schema);
  }

  /** Throws StoreUnavailableError when the database stays away; what it refuses is thrown as it is. */
  async query<Row>(text: string, values: unknown[], { again = true, within }: Sending = {}): Promise<Answer<Row>> {
    const statement = { text: this.#qualify(text), values, query_timeout: within };
    const patientUntil = performance.now() + this.#patience;
    let doubtful = false;
    for (let sending = 0, wait = FIRST_WAIT; ; sending++, wait = Math.min(wait * 2, LONGEST_WAIT)) {
      // Whoever still calls while the app goes down: no pool's own words, and no waiting for what will not come back.
      if (this.#closed) throw new StoreUnavailableError('the app has closed its connections to the database');
      const sentAt = performance.now();
      try {
        const { rows, rowCount } = await this.#pool.query(statement);
        return { rows: rows as Row[], count: rowCount ?? 0, sentAt, resent: doubtful };
      } catch (error) {
        const fault = faultOf(error);
        if (fault === 'refused') throw error;
        doubtful ||= !didNothing(error);
        // However long its answer took not to come: a statement that may have come through goes out once more.
        const patient = sending === 0 || performance.now() + wait <= patientUntil;
        if (!patient || (fault === 'away' && !again))
          throw new StoreUnavailableError('the database cannot be reached', { cause: error });
        await sleep(pauseAfter(fault, wait));
      }
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#pool.end();
  }
}

/** Those who met in a conflict must not meet again. */
function pauseAfter(fault: Fault, wait: number): number {
  return fault === 'conflict' ? wait * Math.random() : wait;
}

/** Our tables stand quoted in every text, and nothing else does: so a text is whole as it is, and moves to a schema by this alone. */
export function qualifier(schema: string | undefined): (text: string) => string {
  if (schema === undefined) return (text) => text;
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  const known = new Map<string, string>();
  return (text) => {
    let qualified = known.get(text);
    if (qualified === undefined) {
      qualified = text.replaceAll(
        /"(?:job|job_past_attempt|job_attempt|job_migration)"/g,
        (table) => `${quoted}.${table}`,
      );
      known.set(text, qualified);
    }
    return qualified;
  };
}
