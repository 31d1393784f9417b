import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from 'embedded-postgres-server';
import { Pool } from 'pg';
import { startBuiltProgram } from '../test/support/built-program.js';
import { ProcessSlot } from './faults/process-slot.js';
import { openWay, type Way } from './faults/way.js';
import { openApp } from './work/app.js';
import { EFFECTS_TABLE } from './work/effects.js';
import { leaseOf, type WorkerOptions } from './work/terms.js';

export interface StageOptions {
  seed: number;
  workers: number;
  folder: string;
  complain(what: string): void;
}

/** A server and the processes that work on it, each by a way of its own. */
export interface Stage extends AsyncDisposable {
  url: string;
  server: EmbeddedPostgres;
  /** Of the server itself. */
  pool: Pool;
  workers: ProcessSlot[];
  operator: ProcessSlot;
  /** Of the workers, and then of the operator. */
  ways: Way[];
}

/** Resolves when every process is ready. */
export async function setStage({ seed, workers: count, folder, complain }: StageOptions): Promise<Stage> {
  await using made = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755); // where PostgreSQL runs as another user, it must pass through
  const server = await startEmbeddedPostgres(path.join(folder, 'data'), { maxConnections: 200, dieWithParent: true });
  made.defer(() => server.stop('immediate'));
  const url = server.url();
  const migrated = await openApp(url, { migrations: 'run' });
  await migrated.close();
  const pool = made.adopt(new Pool({ connectionString: url, max: 3 }), (open) => open.end());
  pool.on('error', () => {}); // the server goes away on purpose
  await pool.query(EFFECTS_TABLE);

  const ways: Way[] = [];
  for (let index = 0; index <= count; index++) ways.push(made.use(await openWay(url)));
  const startedAt = Date.now();
  const slots = ways.map((way, index) => {
    const [slot, program] = index < count ? [`w${index}`, 'worker'] : ['operator', 'operator'];
    const start = (name: string) => {
      const journal = journalOf(folder, name);
      const options: WorkerOptions = {
        seed,
        name,
        url: way.url,
        effectsUrl: url,
        journal,
        lease: leaseOf(index),
        startedAt,
      };
      return startBuiltProgram(`chaos/programs/${program}`, [JSON.stringify(options)]);
    };
    return made.adopt(new ProcessSlot({ name: slot, start, complain }), (open) => open.destroy());
  });
  for (const slot of slots) slot.start();
  await Promise.all(slots.map((slot) => slot.ready()));

  const kept = made.move();
  const [operator] = slots.splice(count) as [ProcessSlot];
  return { url, server, pool, workers: slots, operator, ways, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export function journalOf(folder: string, name: string): string {
  return path.join(folder, `${name}.jsonl`);
}
