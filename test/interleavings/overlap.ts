import { setImmediate as turn } from 'node:timers/promises';
import { Client, type QueryResult } from 'pg';

export interface Call {
  text: string;
  values: unknown[];
}

/** What a statement does that meets another one's open transaction. */
export type Meeting = 'waits' | 'passes';

export interface Met {
  meeting: Meeting;
  /** Of the statement whose transaction was open, and of the one that was sent then. */
  first: QueryResult;
  second: QueryResult;
}

/** Two connections that are brought to overlap, and a third one that watches. At READ COMMITTED, as every statement is sent. */
export class Overlap {
  private constructor(
    private readonly holder: Client,
    private readonly comer: Client,
    private readonly watcher: Client,
    private readonly pids: readonly [holder: number, comer: number],
  ) {}

  static async open(url: string): Promise<Overlap> {
    const [holder, comer, watcher] = await Promise.all([connect(url), connect(url), connect(url)]);
    const pids = await Promise.all([holder, comer].map(pidOf));
    return new Overlap(holder, comer, watcher, pids as [number, number]);
  }

  async close(): Promise<void> {
    await Promise.all([this.holder, this.comer, this.watcher].map((client) => client.end()));
  }

  /**
   * The first statement has been carried out and its transaction is open; the second is sent, and is looked at until it has either passed or waits
   * for just that transaction; only then does the first one commit or roll back.
   */
  async meet(first: Call, second: Call, ending: 'commit' | 'rollback'): Promise<Met> {
    await this.holder.query('begin isolation level read committed');
    const firstResult = await this.holder.query(first.text, first.values);
    let passed = false;
    const answered = this.comer.query(second.text, second.values).finally(() => {
      passed = true;
    });
    answered.catch(() => {}); // heard below, once the holder is out of the way
    while (!passed && !(await this.#waits())) await turn();
    const meeting = passed ? 'passes' : 'waits';
    await this.holder.query(ending);
    return { meeting, first: firstResult, second: await answered };
  }

  async #waits(): Promise<boolean> {
    const [holder, comer] = this.pids;
    const { rows } = await this.watcher.query<{ waits: boolean }>(
      `select wait_event_type = 'Lock' and $1 = any(pg_blocking_pids(pid)) as waits from pg_stat_activity where pid = $2`,
      [holder, comer],
    );
    return rows[0]?.waits === true;
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

async function pidOf(client: Client): Promise<number> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid as number;
}
