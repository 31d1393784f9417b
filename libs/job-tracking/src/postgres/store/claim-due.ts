import { randomUUID } from 'node:crypto';
import type { ClaimDueRequest, ClaimedSet, ClaimRequest, Grant } from '../../protocol/index.js';
import type { Database, Sending } from '../sending/database.js';
import { claimDue, claimDueAfter } from '../sql/claim-due.js';
import { findExpired, findExpiredAfter } from '../sql/find-expired.js';
import { findGranted } from '../sql/find-granted.js';
import type { Whole } from './as-text.js';
import { grantOf, overtake, steps, type TakenRow, takenBy } from './claim.js';

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
    const set: ClaimedSet = { grants: await this.#adopted(request), died: [] };
    try {
      await this.#overtakeOrphans(request, set);
      const wanted = request.limit - set.grants.length;
      if (wanted > 0) set.grants.push(...(await this.#waiting(request, wanted)));
    } catch (error) {
      // What was granted before the trouble is run all the same: dropped, it would be nobody's for a lease.
      if (set.grants.length + set.died.length === 0) throw error;
    }
    return set;
  }

  /** An orphan that is not taken (its holder is about to commit, another was faster) takes no place: those behind it are looked at, too. */
  async #overtakeOrphans(request: ClaimDueRequest, set: ClaimedSet): Promise<void> {
    let last: string | undefined;
    let free: number;
    let orphans: Orphan[];
    do {
      free = request.limit - set.grants.length - set.died.length;
      orphans = await this.#orphans(request, free, last);
      for (const orphan of orphans) await this.#overtake(orphan, request, set);
      last = orphans.at(-1)?.id;
    } while (orphans.length > 0 && orphans.length === free);
  }

  async #overtake({ id, claims }: Orphan, request: ClaimDueRequest, set: ClaimedSet): Promise<void> {
    const claim: ClaimRequest = {
      ...request,
      id,
      token: randomUUID(),
      rerun: false,
      early: false,
      register: null,
      dataHash: undefined,
    };
    const answer = await overtake(this.#db, claim, claims).catch((error) => {
      this.#doubt(request, [claim.token]);
      throw error;
    });
    const taken = takenBy(claim, answer);
    if (taken?.grant) set.grants.push(taken.grant);
    else if (taken) set.died.push(taken.standing);
    else if (answer.resent) {
      this.#doubt(request, [claim.token]);
      set.grants.push(...(await this.#adopted(request)));
    }
  }

  async #waiting(request: ClaimDueRequest, limit: number): Promise<Grant[]> {
    const { kind, lease, worker, after } = request;
    const tokens = Array.from({ length: limit }, () => randomUUID());
    const values = [kind, limit, tokens, lease, worker, ...steps(after)];
    try {
      const { rows, sentAt } = await this.#db.query<TakenRow>(after.length > 0 ? claimDueAfter : claimDue, values, {
        again: false,
      });
      return rows.map((row) => grantOf({ worker }, row, { heldUntil: sentAt + lease }));
    } catch (error) {
      this.#doubt(request, tokens);
      const found = await this.#adopted(request, { again: false }).catch(() => []);
      if (found.length > 0) return found;
      throw error;
    }
  }

  #doubt({ kind, lease }: ClaimDueRequest, tokens: readonly string[]): void {
    const doubt = { tokens: new Set(tokens), until: performance.now() + 2 * lease };
    this.#doubts.set(kind, [...(this.#doubts.get(kind) ?? []), doubt]);
  }

  async #orphans({ kind, after }: ClaimDueRequest, limit: number, last: string | undefined): Promise<Orphan[]> {
    if (limit <= 0) return [];
    const text = after.length > 0 ? findExpiredAfter : findExpired;
    return (await this.#db.query<Orphan>(text, [kind, limit, last ?? null, ...steps(after)])).rows;
  }

  /** Two consumers of one kind may read the same grant: the first one takes its token out of doubt, and it alone runs it. */
  async #adopted({ kind, worker }: ClaimDueRequest, sending?: Sending): Promise<Grant[]> {
    const doubts = (this.#doubts.get(kind) ?? []).filter((doubt) => doubt.until > performance.now());
    this.#doubts.set(kind, doubts);
    if (doubts.length === 0) return [];
    const tokens = doubts.flatMap((doubt) => [...doubt.tokens]);
    const { rows, sentAt } = await this.#db.query<TakenRow>(findGranted, [kind, tokens], sending);
    return rows
      .filter(({ token }) => doubts.some((doubt) => doubt.tokens.delete(token ?? '')))
      .map((row) => grantOf({ worker }, row, { heldUntil: sentAt + Number(row.expires_in) }));
  }
}

/** Tokens of a statement whose answer was lost. `until`: on the monotonic clock; later the lease of whatever it granted has passed. */
interface Doubt {
  tokens: Set<string>;
  until: number;
}

/** A job whose lease has run out, as it was found. */
interface Orphan {
  id: string;
  claims: Whole;
}
