import type { Key, Sent } from './deed.js';
import { claimed } from './granting.js';
import { answerOf, claimedDue, type DueHeard, takenOrphans, takenWaiting } from './granting-due.js';
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
  if (!y) return allowedOne(world, x, heardX, atX).map(({ answer, world }) => ({ answers: [answer], world }));
  const atY = { now, contended: new Set(touched(x)) };
  const outcomes = [world, ...registeredFirst(world, y, now)]
    .flatMap((before) => allowedOne(before, x, heardX, atX))
    .flatMap((first) =>
      allowedOne(first.world, y, heardY, atY).map(({ answer, world }) => ({ answers: [first.answer, answer], world })),
    );
  if (x.verb !== 'claimDue') return outcomes;
  const orphans = takenOrphans(world, x, heardX as DueHeard, atX);
  const between = allowedOne(orphans.world, y, heardY, atY).map((second) => {
    const set = { ...orphans, world: second.world };
    const { answer, world } = answerOf(takenWaiting(set, x, heardX as DueHeard, atX));
    return { answers: [answer, second.answer], world };
  });
  return [...outcomes, ...between];
}

/** A claim that registers for a later time is two steps, as a set is: between them there is room for another's. */
function registeredFirst(world: World, sent: Sent, now: number): World[] {
  if (sent.verb !== 'claim' || sent.given === null || sent.given.runIn === null || world.has(sent.key)) return [];
  return [changed(world, sent.key, newJob(sent.key, sent.given, now))];
}

function allowedOne(world: World, sent: Sent, heard: unknown, moment: Moment): Outcome[] {
  switch (sent.verb) {
    case 'register':
    case 'registerSet':
      return registered(world, sent, moment);
    case 'claim':
      return claimed(world, sent, moment);
    case 'claimDue':
      return claimedDue(world, sent, heard as DueHeard, moment);
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
