import type { JobKey } from '../protocol/index.js';
import { byText } from './filter.js';
import type { JobRow } from './row.js';

/** The rows of one store, by key. */
export class Table {
  readonly #rows = new Map<string, JobRow>();

  get({ kind, id }: JobKey): JobRow | undefined {
    return this.#rows.get(keyText(kind, id));
  }

  put(row: JobRow): void {
    this.#rows.set(keyText(row.kind, row.id), row);
  }

  delete({ kind, id }: JobKey): void {
    this.#rows.delete(keyText(kind, id));
  }

  /** In no order that means anything. */
  all(): JobRow[] {
    return [...this.#rows.values()];
  }

  /** The kinds in which the id has not succeeded. */
  missingOf(kinds: readonly string[], id: string): string[] {
    return kinds.filter((kind) => this.get({ kind, id })?.state.status !== 'succeeded');
  }

  /** Of one kind, as consumers take them: by priority, time and id. */
  waiting(kind: string): JobRow[] {
    const rows = this.all().filter((row) => row.kind === kind);
    return rows.sort((a, b) => b.priority - a.priority || a.state.runAt - b.state.runAt || byText(a.id, b.id));
  }
}

function keyText(kind: string, id: string): string {
  return JSON.stringify([kind, id]);
}
