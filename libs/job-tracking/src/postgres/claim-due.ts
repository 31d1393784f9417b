import { randomUUID } from 'node:crypto';
import type { ClaimDueRequest, ClaimedSet, ClaimRequest, Grant } from '../protocol/index.js';
import { grantOf, overtake, steps, type TakenRow, takenBy } from './claim.js';
import type { Database } from './database.js';
import { claimDue, claimDueAfter } from './sql/claim-due.js';
import { findExpired } from './sql/find-expired.js';
import { findGranted } from './sql/find-granted.js';

/**
 * Claims due jobs in sets. Which ids a set gets is the database's choice, so a set whose answer was lost is not sent again: what it granted
 * may appear later. Its tokens stay in doubt for a while, and grants that are found under them are adopted.
 */
export class DueClaims {
  readonly #db: Database;
  readonly #doubts = new Map<string, Doubt[]>();

  constructor(db: Database) {
    this.#db = db;
  }

  async claim(request: ClaimDueRequest): Promise<ClaimedSet> {
    const grants = await this.#adopted(request);
    const died: ClaimedSet['died'] = [];
    for (const id of await this.#orphans(request, request.limit - grants.length)) {
      const claim = orphaned(request, id);
      const taken = takenBy(claim, await overtake(this.#db, claim));
      if (taken?.grant) grants.push(taken.grant);
      else if (taken) died.push(taken.standing);
    }
    if (grants.length < request.limit) grants.push(...(await this.#waiting(request, request.limit - grants.length)));
    return { grants, died };
  }

  async #waiting({ kind, lease, worker, after }: ClaimDueRequest, limit: number): Promise<Grant[]> {
    const tokens = Array.from({ length: limit }, () => randomUUID());
    const values = [kind, limit, tokens, lease, worker, ...steps(after)];
    try {
      const { rows, sentAt } = await this.#db.query<TakenRow>(after.length > 0 ? claimDueAfter : claimDue, values, {
        again: false,
      });
      return rows.map((row) => grantOf({ worker }, row, { heldUntil: sentAt + lease }));
    } catch (error) {
      const doubt = { tokens: new Set(tokens), until: performance.now() + 2 * lease };
      this.#doubts.set(kind, [...(this.#doubts.get(kind) ?? []), doubt]);
      throw error;
    }
  }

  async #orphans({ kind }: ClaimDueRequest, limit: number): Promise<string[]> {
    if (limit <= 0) return [];
    const { rows } = await this.#db.query<{ id: string }>(findExpired, [kind, limit]);
    return rows.map((row) => row.id);
  }

  async #adopted({ kind, worker }: ClaimDueRequest): Promise<Grant[]> {
    const doubts = (this.#doubts.get(kind) ?? []).filter((doubt) => doubt.until > performance.now());
    this.#doubts.set(kind, doubts);
    if (doubts.length === 0) return [];
    const tokens = doubts.flatMap((doubt) => [...doubt.tokens]);
    const { rows, sentAt } = await this.#db.query<TakenRow>(findGranted, [kind, tokens]);
    for (const row of rows) for (const doubt of doubts) doubt.tokens.delete(row.token ?? '');
    return rows.map((row) => grantOf({ worker }, row, { heldUntil: sentAt + row.expires_in }));
  }
}

/** Tokens of a set whose answer was lost. `until`: on the monotonic clock; later the lease of whatever it granted has passed. */
interface Doubt {
  tokens: Set<string>;
  until: number;
}

function orphaned(request: ClaimDueRequest, id: string): ClaimRequest {
  return { ...request, id, token: randomUUID(), rerun: false, register: null, dataHash: undefined };
}
