import type { Pool } from 'pg';

interface Statement {
  text: string;
  values: unknown[];
}

/** Is run when the server has answered a statement of this text, before anybody hears of the answer; one that throws loses it. */
export type Happening = [text: string, happens: () => Promise<unknown>];

/** A pool that tells what was sent through it, and what others do to the database between two statements. */
export class WatchedPool {
  readonly sent: string[] = [];

  constructor(
    private readonly pool: Pool,
    private readonly happenings: readonly Happening[] = [],
  ) {}

  async query(statement: Statement) {
    this.sent.push(statement.text);
    const answer = await this.pool.query(statement);
    for (const [text, happens] of this.happenings) if (text === statement.text) await happens();
    return answer;
  }

  async end(): Promise<void> {}
}

/** The first time only. */
export function once(happens: () => Promise<unknown>): () => Promise<unknown> {
  let left = 1;
  return async () => left-- > 0 && happens();
}

/** As a connection that is cut before its answer comes through. */
export async function cut(): Promise<never> {
  throw Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' });
}
