import type { Key } from './deed.js';
import type { Subject } from './doing.js';
import { KEYS } from './promise.js';
import type { Story } from './story.js';

interface GrantHeard {
  key: Key;
  token: string;
  claim: number;
}

/**
 * What must hold at the end of every history, judged by what workers were told and by what the store shows, without the model: claims are 1 to n,
 * whole; a token is granted once; one run holds a job at most; attempts do not overlap; what was acknowledged stands.
 */
export async function brokenInvariants(story: Story, subject: Subject): Promise<string[]> {
  const grants = grantsHeard(story);
  const broken: string[] = [];
  for (const [token, claims] of Map.groupBy(grants, ({ token }) => token))
    if (new Set(claims.map(({ key, claim }) => `${key} claim ${claim}`)).size > 1)
      broken.push(`token ${token} was granted more than once`);
  for (const key of KEYS) broken.push(...(await brokenOf(key, grants, story, subject)).map((law) => `${key}: ${law}`));
  return broken;
}

async function brokenOf(key: Key, heard: readonly GrantHeard[], story: Story, subject: Subject): Promise<string[]> {
  const { store } = subject;
  const [job, attempts] = await Promise.all([store.get(subject.key(key)), store.attempts(subject.key(key))]);
  const claims = job?.claims ?? 0;
  const broken: string[] = [];
  const once = [...new Map(heard.filter((grant) => grant.key === key).map((grant) => [grant.token, grant])).values()];
  // Those before are of a life that was removed.
  const life = once.slice(once.length - claims).sort((a, b) => a.claim - b.claim);
  const numbers = life.map(({ claim }) => claim).join();
  if (numbers !== oneTo(claims)) broken.push(`${claims} claims, but the grants of ${numbers || 'none'} were heard`);

  const ended = job?.lease ? claims - 1 : claims;
  const listed = attempts.map(({ claim }) => claim).join();
  if (listed !== oneTo(ended)) broken.push(`${ended} ended attempts, but history lists ${listed || 'none'}`);
  for (const [i, { startedAt, endedAt }] of attempts.entries())
    if (endedAt < startedAt || startedAt < (attempts[i - 1]?.endedAt ?? startedAt))
      broken.push(`attempt ${i + 1} overlaps in time`);

  const holders = await Promise.all(
    [...story.grants.values()].filter((grant) => subject.keyOf(grant) === key).map((grant) => store.isHeld(grant)),
  );
  const holding = holders.filter(Boolean).length;
  if (holding !== (job?.lease ? 1 : 0)) broken.push(`${holding} runs hold it, ${job?.lease ? 'one' : 'none'} should`);

  for (const { token, claim } of life) {
    const outcomes = acknowledged(story, token);
    if (outcomes.size > 1) broken.push(`claim ${claim} was acknowledged as ${[...outcomes].join(' and ')}`);
    const stands = attempts.find((attempt) => attempt.claim === claim)?.outcome;
    for (const outcome of outcomes)
      if (stands !== outcome) broken.push(`claim ${claim} was acknowledged as ${outcome}, on record is ${stands}`);
  }
  return broken;
}

function grantsHeard({ heard }: Story): GrantHeard[] {
  return heard.flatMap(({ sent, answer }): GrantHeard[] => {
    if (sent.verb === 'claimDue') return (answer as { grants: GrantHeard[] }).grants;
    const { granted } = (answer ?? {}) as { granted?: number };
    return sent.verb === 'claim' && granted !== undefined ? [{ key: sent.key, token: sent.token, claim: granted }] : [];
  });
}

function acknowledged({ heard }: Story, token: string): Set<string> {
  const outcomes = heard.flatMap(({ sent, answer }) => {
    if (!('token' in sent) || sent.token !== token || !answer) return [];
    return sent.verb === 'succeed' ? ['succeeded'] : sent.verb === 'end' ? [sent.outcome] : [];
  });
  return new Set(outcomes);
}

function oneTo(n: number): string {
  return Array.from({ length: n }, (_, i) => i + 1).join();
}
