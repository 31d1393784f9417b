import { randomUUID } from 'node:crypto';
import type fc from 'fast-check';
import type { Grant, JobAttemptSnapshot, JobSnapshot } from 'nestjs-job-tracking/core';
import { answerWord } from './answers.js';
import { type Claiming, type Deed, type Key, type Sent, told } from './deed.js';
import { differences } from './differences.js';
import { doIt, plain, type Subject } from './doing.js';
import { attemptsOf, snapshotOf } from './job.js';
import { allowed, type Outcomes, touched } from './promise.js';
import type { World } from './world.js';

/** What a worker remembers. */
interface Hand {
  tokens: { key: Key; token: string }[];
  asked: (Claiming & { token: string }) | null;
  granted: (Claiming & { token: string }) | null;
}

/** One history as it unfolds: what the promise says there is, who holds what, and what was heard. */
export class Story {
  world: World = new Map();
  /** Everything that was done and answered, in order. */
  readonly heard: { verb: Deed['verb']; sent: Sent; answer: unknown }[] = [];
  readonly grants = new Map<string, Grant>();
  readonly lines: string[] = [];
  readonly #hands = new Map<string, Hand>();

  constructor(
    readonly clock: () => number,
    readonly advance: (ms: number) => Promise<void>,
  ) {}

  /** null: nobody could do that now. */
  resolve(deed: Deed): Sent | null {
    if (deed.verb === 'claim') return { ...deed, token: randomUUID() };
    if (deed.verb === 'resend') {
      const asked = this.#hand(deed.worker)[deed.which];
      return asked && this.#maySendAgain(asked) ? asked : null;
    }
    if (!('back' in deed)) return deed;
    const grant = this.#hand(deed.worker).tokens.at(-1 - deed.back);
    return grant ? { ...deed, ...grant } : null;
  }

  remember(verb: Deed['verb'], sent: Sent, answer: unknown): void {
    this.heard.push({ verb, sent, answer });
    if (sent.verb === 'claim') {
      const hand = this.#hand(sent.worker);
      hand.asked = sent;
      const known = hand.tokens.some(({ token }) => token === sent.token);
      if (this.grants.has(sent.token)) hand.granted = sent;
      if (!known && this.grants.has(sent.token)) hand.tokens.push({ key: sent.key, token: sent.token });
    }
    if (sent.verb === 'claimDue')
      for (const { key, token } of (answer as { grants: { key: Key; token: string }[] }).grants)
        this.#hand(sent.worker).tokens.push({ key, token });
  }

  #hand(worker: string): Hand {
    const hand = this.#hands.get(worker) ?? { tokens: [], asked: null, granted: null };
    this.#hands.set(worker, hand);
    return hand;
  }

  /** A token that was granted is known for as long as its job is there. */
  #maySendAgain({ key, token }: { key: Key; token: string }): boolean {
    return !this.grants.has(token) || (this.world.get(key)?.tried.some((tried) => tried.token === token) ?? false);
  }
}

/** One line of a history. */
export class Step implements fc.AsyncCommand<Story, Subject> {
  /** One, or two at once. */
  constructor(private readonly deeds: readonly Deed[]) {}

  check(story: Readonly<Story>): boolean {
    const verbs = this.deeds.map(({ verb }) => verb);
    // With its job a token is forgotten: a claim that is sent again behind a removal is not promised to be known.
    if (verbs.includes('resend') && (verbs.includes('remove') || verbs.includes('removeMany'))) return false;
    return this.deeds.every((deed) => story.resolve(deed) !== null);
  }

  async run(story: Story, subject: Subject): Promise<void> {
    story.lines.push(`${this}`);
    const [first] = this.deeds;
    if (first?.verb === 'pass') return story.advance(first.ms);
    const now = story.clock();
    const sent = this.deeds.map((deed) => story.resolve(deed) as Sent);
    const answers = await Promise.all(sent.map((one) => doIt(subject, one, story.grants)));
    story.lines.push(`${story.lines.pop()}  →  ${answers.map(answerWord).join('  ‖  ')}`);
    const rows = await look(subject, new Set(sent.flatMap(touched)));
    story.world = explained(allowed(story.world, sent, answers, now), answers, rows);
    for (const [i, { verb }] of this.deeds.entries()) story.remember(verb, sent[i] as Sent, answers[i]);
  }

  toString(): string {
    return this.deeds.map(told).join('  ‖  ');
  }
}

type Rows = Map<Key, { job: JobSnapshot | null; attempts: JobAttemptSnapshot[] }>;

async function look(subject: Subject, keys: ReadonlySet<Key>): Promise<Rows> {
  const rows = [...keys].map(async (key) => {
    const [job, attempts] = await Promise.all([
      subject.store.get(subject.key(key)),
      subject.store.attempts(subject.key(key)),
    ]);
    return [key, { job: job && plain(subject, job), attempts }] as const;
  });
  return new Map(await Promise.all(rows));
}

/** The world that explains what was answered and what stands there. Throws an error that tells how far the nearest one is from it. */
function explained(outcomes: readonly Outcomes[], answers: readonly unknown[], rows: Rows): World {
  let nearest: string[] | undefined;
  for (const outcome of outcomes) {
    const wrong = differences(outcome.answers, answers, 'answers');
    for (const [key, row] of rows) {
      const job = outcome.world.get(key);
      wrong.push(...differences(job ? snapshotOf(job) : null, row.job, key));
      wrong.push(...differences(job ? attemptsOf(job) : [], row.attempts, `attempts of ${key}`));
    }
    if (wrong.length === 0) return outcome.world;
    if (!nearest || wrong.length < nearest.length) nearest = wrong;
  }
  throw new Error(nearest?.join('\n') ?? 'nothing is allowed here');
}
