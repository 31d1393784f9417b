import type { Key, Sent } from './deed.js';
import { claimed, claimedDue, type DueHeard } from './granting.js';
import { operated, operatedMany, registered } from './operating.js';
import { written } from './recording.js';
import { changed, type Moment, newJob, type Outcome, type World } from './world.js';

export const KEYS: readonly Key[] = ['a/1', 'a/2', 'b/1'];

/** What deeds of one moment may be answered with, and what they leave. */
export interface Outcomes {
  answers: readonly unknown[];
  world: World;
}

/** One deed, or two at once, which leave what one after the other leaves, in one order or the other. */
export function allowed(world: World, sent: readonly Sent[], heard: readonly unknown[], now: number): Outcomes[] {
  const inTurn = allowedInTurn(world, sent, heard, now);
  if (sent.length === 1) return inTurn;
  const turned = allowedInTurn(world, sent.toReversed(), heard.toReversed(), now);
  return [...inTurn, ...turned.map(({ answers, world }) => ({ answers: answers.toReversed(), world }))];
}

function allowedInTurn(
  world: World,
  [x, y]: readonly Sent[],
  [heardX, heardY]: readonly unknown[],
  now: number,
): Outcomes[] {
  if (!x) return [{ answers: [], world }];
  const atX = { now, contended: new Set(y && touched(y)) };
  // Between the two steps of a claim that registers for a later time there is room for another's.
  const befores = y ? [world, ...registeredFirst(world, y, now)] : [world];
  const firsts = befores.flatMap((before) => allowedOne(before, x, heardX, atX));
  if (!y) return firsts.map(({ answer, world }) => ({ answers: [answer], world }));
  const atY = { now, contended: new Set(touched(x)) };
  return firsts.flatMap((first) =>
    allowedOne(first.world, y, heardY, atY).map(({ answer, world }) => ({ answers: [first.answer, answer], world })),
  );
}

function allowedOne(world: World, sent: Sent, heard: unknown, moment: Moment): Outcome[] {
  switch (sent.verb) {
    case 'register':
    case 'registerSet':
      return registered(world, sent, moment);
    case 'claim':
      return claimed(world, sent, moment);
    case 'claimDue':
      return claimedDue(world, sent, dueHeard(heard), moment);
    case 'renew':
    case 'checkpoint':
    case 'isHeld':
    case 'succeed':
    case 'end':
      return written(world, sent, moment);
    case 'retry':
    case 'ignore':
    case 'release':
    case 'remove':
      return operated(world, sent, moment);
    case 'retryMany':
    case 'ignoreMany':
    case 'removeMany':
      return operatedMany(world, sent, moment);
    case 'pass':
      return [{ answer: undefined, world }];
  }
}

function registeredFirst(world: World, sent: Sent, now: number): World[] {
  if (sent.verb !== 'claim' || sent.given === null || sent.given.runIn === null || world.has(sent.key)) return [];
  return [changed(world, sent.key, newJob(sent.key, sent.given, now))];
}

/** The jobs that a deed may change. */
export function touched(sent: Sent): readonly Key[] {
  switch (sent.verb) {
    case 'pass':
      return [];
    case 'registerSet':
      return [...new Set(sent.jobs.map(({ key }) => key))];
    case 'claimDue':
      return KEYS.filter((key) => key.startsWith(sent.kind));
    case 'retryMany':
    case 'ignoreMany':
    case 'removeMany':
      return KEYS;
    default:
      return [sent.key];
  }
}

function dueHeard(heard: unknown): DueHeard {
  const { grants, died } = heard as { grants: DueHeard['grants']; died: { key: Key }[] };
  return { grants, died: died.map(({ key }) => key) };
}
