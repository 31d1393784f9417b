import type {
  ClaimAnswer,
  ClaimedSet,
  ClaimRequest,
  Grant,
  JobKey,
  JobReader,
  JobStore,
  NewJob,
  Standing,
} from 'nestjs-job-tracking/core';
import { errorOf, type Given, type Key, type Many, type Sent, type Terms, type Writing } from './deed.js';
import { hashOf, type StandingSeen, splitKey } from './world.js';

export type Store = JobStore & JobReader;

/** A store as one history sees it: kinds are the history's own, and times are those of the store's clock. */
export class Subject {
  constructor(
    readonly store: Store,
    private readonly prefix: string,
    private readonly clock: () => number,
  ) {}

  key(key: Key): JobKey {
    const { kind, id } = splitKey(key);
    return { kind: this.kind(kind), id };
  }

  kind(kind: 'a' | 'b'): string {
    return `${this.prefix}/${kind}`;
  }

  keyOf({ kind, id }: JobKey): Key {
    return `${kind.slice(this.prefix.length + 1)}/${id}` as Key;
  }

  newJob(key: Key, { data, runIn, bound, priority }: Given): NewJob {
    return {
      ...this.key(key),
      data: data && JSON.stringify(data),
      dataHash: hashOf(data),
      runAt: runIn === null ? null : new Date(this.clock() + runIn),
      priority,
      maxAttempts: bound,
    };
  }

  request(sent: Extract<Sent, { verb: 'claim' }>): ClaimRequest {
    const { key, token, worker, terms, rerun, early, given, compare } = sent;
    return {
      ...this.key(key),
      ...this.terms(worker, terms),
      token,
      rerun,
      early,
      register: given && this.newJob(key, given),
      dataHash: compare === undefined ? undefined : hashOf(compare),
    };
  }

  terms(worker: string, { lease, maxAttempts, maxCrashes, afterA }: Terms) {
    return { worker, lease, maxAttempts, maxCrashes, after: afterA ? [this.kind('a')] : [] };
  }

  filter({ kind, statuses, limit }: Many) {
    return { kind: this.kind(kind), ...(statuses && { statuses }), ...(limit && { limit }) };
  }
}

/** What a deed was answered, without what two stores may tell differently. Grants are added to `grants`. */
export async function doIt(subject: Subject, sent: Sent, grants: Map<string, Grant>): Promise<unknown> {
  const { store } = subject;
  switch (sent.verb) {
    case 'register': {
      const { registered, standing } = await store.register(subject.newJob(sent.key, sent.given));
      return { registered, standing: heardStanding(subject, standing) };
    }
    case 'registerSet':
      return store.registerSet(sent.jobs.map(({ key, given }) => subject.newJob(key, given)));
    case 'claim':
      return heardClaim(subject, await store.claim(subject.request(sent)), grants);
    case 'claimDue': {
      const { kind, limit, worker, terms } = sent;
      return heardSet(
        subject,
        await store.claimDue({ kind: subject.kind(kind), limit, ...subject.terms(worker, terms) }),
        grants,
      );
    }
    case 'renew':
    case 'checkpoint':
    case 'isHeld':
    case 'succeed':
    case 'end':
      return write(subject, sent, grants.get(sent.token) as Grant);
    case 'retry':
      return heardChange(subject, await store.retry(subject.key(sent.key), { rerun: sent.rerun }));
    case 'ignore':
      return heardChange(subject, await store.ignore(subject.key(sent.key), 'by hand'));
    case 'release':
    case 'remove':
      return heardChange(subject, await store[sent.verb](subject.key(sent.key)));
    case 'retryMany':
      return store.retryMany(subject.filter(sent.many), { rerun: sent.rerun });
    case 'ignoreMany':
      return store.ignoreMany(subject.filter(sent.many), 'by hand');
    case 'removeMany':
      return store.removeMany(subject.filter(sent.many));
    case 'pass':
      throw new Error('time is not the store’s to move');
  }
}

async function write(subject: Subject, sent: Writing, grant: Grant): Promise<unknown> {
  const { store } = subject;
  switch (sent.verb) {
    case 'renew': {
      const progress = sent.fraction === null ? null : { fraction: sent.fraction, note: 'so far' };
      return (await store.renew(grant, { lease: sent.lease, progress })) !== null;
    }
    case 'checkpoint':
      return store.checkpoint(grant, String(sent.state));
    case 'isHeld':
      return store.isHeld(grant);
    case 'succeed': {
      const [output, data] = [sent.output, sent.data].map((value) => value && JSON.stringify(value));
      return store.succeed(grant, { output: output ?? null, data: data ?? undefined, reason: sent.reason });
    }
    case 'end': {
      const { outcome, delay, maxAttempts } = sent;
      const error = errorOf(outcome);
      const reason = outcome === 'ignored' ? 'the customer is gone' : null;
      const ending = { outcome, error: error && JSON.stringify(error), reason, delay, maxAttempts };
      const standing = await store.end(grant, ending);
      return standing && heardStanding(subject, standing);
    }
  }
}

function heardClaim(subject: Subject, answer: ClaimAnswer, grants: Map<string, Grant>): unknown {
  if (!answer.grant) return { refused: heardStanding(subject, answer.standing), died: answer.died };
  grants.set(answer.grant.token, answer.grant);
  return heardGrant(subject, answer.grant);
}

function heardGrant(subject: Subject, { token, tookOver, job }: Grant): object {
  return { granted: job.claims, tookOver, token, job: plain(subject, job) };
}

function heardSet(subject: Subject, { grants, died }: ClaimedSet, known: Map<string, Grant>): unknown {
  for (const grant of grants) known.set(grant.token, grant);
  const byKey = (a: { key: Key }, b: { key: Key }) => (a.key < b.key ? -1 : 1);
  return {
    grants: grants
      .map((grant) => {
        const { token, tookOver, job } = grant;
        return { key: subject.keyOf(grant), token, claim: job.claims, tookOver, job: plain(subject, job) };
      })
      .sort(byKey),
    died: died
      .map((standing) => ({ key: subject.keyOf(standing.job as JobKey), ...heardStanding(subject, standing) }))
      .sort(byKey),
  };
}

function heardChange(subject: Subject, { standing, changed }: { standing: Standing; changed: boolean }): unknown {
  return { changed, standing: heardStanding(subject, standing) };
}

function heardStanding(subject: Subject, { job, expiresIn, dueIn, waitsFor, mismatch }: Standing): StandingSeen {
  const kinds = waitsFor.map((kind) => subject.keyOf({ kind, id: '' }).slice(0, 1));
  return { job: job && plain(subject, job), expiresIn, dueIn, waitsFor: kinds, mismatch };
}

/** A snapshot by the model's own names of kinds. */
export function plain<T extends JobKey>(subject: Subject, job: T): T {
  return { ...job, ...splitKey(subject.keyOf(job)) };
}
