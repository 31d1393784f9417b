import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from 'embedded-postgres-server';
import type { Pool } from 'pg';
import type { ProcessSlot } from './process-slot.js';
import { FAULTS, type FaultKind, type PlannedFault } from './schedule.js';
import type { Way } from './way.js';

export interface Battlefield {
  server: EmbeddedPostgres;
  /** Of the server itself. */
  pool: Pool;
  workers: readonly ProcessSlot[];
  /** The last one is the operators'. */
  ways: readonly Way[];
}

/** Lets a schedule happen. */
export class FaultInjector {
  /** By kind, those that met somebody. */
  readonly counts = Object.fromEntries(FAULTS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  readonly #lasting = new Set<Promise<void>>();
  #server: Promise<void> = Promise.resolve();

  constructor(private readonly field: Battlefield) {}

  /** Resolves when every fault is over, and the server and the ways are as they should be. */
  async run(schedule: readonly PlannedFault[], milliseconds: number): Promise<void> {
    const start = performance.now();
    for (const fault of schedule) {
      await sleep(start + fault.at - performance.now());
      const lasting = this.#happen(fault).then((met) => {
        if (met) this.counts[fault.kind]++;
        this.#lasting.delete(lasting);
      });
      this.#lasting.add(lasting);
    }
    await sleep(start + milliseconds - performance.now());
    await Promise.all(this.#lasting);
  }

  async #happen({ kind, target, span, by }: PlannedFault): Promise<boolean> {
    const slot = this.field.workers[Number(target)];
    if (kind === 'kill') return slot?.kill(span) ?? false;
    if (kind === 'stop') return slot?.stop(span) ?? false;
    if (kind === 'terminate') return slot?.terminate(span) ?? false;
    if (kind === 'backends') return this.#endBackends(by);
    if (kind === 'server') return this.#restart(span);
    const ways = target === 'all' ? this.field.ways : [this.field.ways[target] as Way];
    if (kind === 'reset') for (const way of ways) way.reset();
    else {
      const trouble = kind === 'delay' || kind === 'late' ? { kind, by } : { kind };
      const ends = ways.map((way) => way.trouble(trouble));
      // Where nobody comes through, nobody can take over: only a silence of one among others is one.
      const heard = target !== 'all' && (kind === 'hole' || kind === 'hold') ? slot?.silent() : undefined;
      await sleep(span);
      for (const end of ends) end();
      heard?.();
    }
    return true;
  }

  async #endBackends(percent: number): Promise<boolean> {
    const text = `
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and random() * 100 < $1`;
    const ended = await this.field.pool.query(text, [percent]).catch(() => undefined);
    return (ended?.rows.length ?? 0) > 0;
  }

  /** One after the other: two at once would be one. */
  #restart(away: number): Promise<boolean> {
    const { server } = this.field;
    this.#server = this.#server.then(async () => {
      await server.stop('immediate');
      await sleep(away);
      await server.start();
    });
    return this.#server.then(() => true);
  }
}
