import fc from 'fast-check';
import { answerKinds } from './answers.js';
import { anyDeeds } from './deed.arbitrary.js';
import type { Deed } from './deed.js';
import { shown } from './differences.js';
import { type Store, Subject } from './doing.js';
import { brokenInvariants } from './invariants.js';
import { Step, Story } from './story.js';

/** Where one history happens. */
export interface Ground {
  store: Store;
  /** The store's clock. It moves by `advance` and by nothing else. */
  now(): number;
  advance(ms: number): Promise<void>;
  /** When the history is over: what else is wrong. */
  inspect?(): Promise<readonly unknown[]>;
}

export interface Runs {
  runs: number;
  seed: number;
}

/** How often each kind of answer was heard. */
export type Tally = Map<string, number>;

/** What some thousand histories hear, each of it often. */
export const USUAL_ANSWERS: readonly string[] = Object.entries({
  register: ['registered', 'known'],
  registerSet: ['0', '1', '2'],
  claim: [
    'granted, claim',
    'granted, claim, taken over',
    ...['missing', 'pending', 'in_progress', 'succeeded', 'ignored', 'ignored, found dead'].map(
      (why) => `refused: ${why}`,
    ),
  ],
  resend: ['granted, claim', ...['pending', 'in_progress', 'succeeded', 'ignored'].map((why) => `refused: ${why}`)],
  claimDue: ['none', 'claim', 'claim, taken over', 'found dead'],
  renew: ['true', 'false'],
  checkpoint: ['true', 'false'],
  isHeld: ['true', 'false'],
  succeed: ['true', 'false'],
  end: ['failed', 'ignored', 'pending', 'null'],
  retry: ['changed', 'unchanged'],
  ignore: ['changed', 'unchanged'],
  release: ['changed', 'unchanged'],
  remove: ['changed', 'unchanged'],
  retryMany: ['0', '1'],
  ignoreMany: ['0', '1'],
  removeMany: ['0', '1'],
}).flatMap(([verb, answers]) => answers.map((answer) => `${verb}: ${answer}`));

let prefix = 0;

/** Random histories of three workers, two kinds and a few operators. Throws the shortest one that breaks the promise, as it went. */
export async function checkHistories(begin: () => Ground | Promise<Ground>, { runs, seed }: Runs): Promise<Tally> {
  const tally: Tally = new Map();
  const steps = fc.commands([anyDeeds.map((deeds) => new Step(deeds))], { maxCommands: 60, size: 'max' });
  const property = fc.asyncProperty(steps, async (steps) => count(await play(await begin(), steps), tally));
  const { failed, errorInstance, numRuns, numShrinks } = await fc.check(property, { numRuns: runs, seed });
  if (!failed) return tally;
  const found = `seed ${seed}: history ${numRuns} broke the promise; ${numShrinks} times shorter it is`;
  throw new Error(`${found}\n${(errorInstance as Error).message}`);
}

/** One history that is known: each of its lines must be possible. Throws the history, as it went, where it breaks the promise. */
export async function playHistory(begin: () => Ground | Promise<Ground>, history: readonly Deed[][]): Promise<void> {
  const { lines } = await play(
    await begin(),
    history.map((deeds) => new Step(deeds)),
  );
  if (lines.length !== history.length) throw new Error(`${numbered(lines)}\nexpected ${history.length} lines`);
}

async function play(
  { store, now, advance, inspect }: Ground,
  steps: Iterable<fc.AsyncCommand<Story, Subject>>,
): Promise<Story> {
  const story = new Story(now, advance);
  const subject = new Subject(store, `model-${process.pid}-${prefix++}`, now);
  try {
    await fc.asyncModelRun(() => ({ model: story, real: subject }), steps);
    const broken = [...(await brokenInvariants(story, subject)), ...((await inspect?.()) ?? [])];
    if (broken.length > 0) throw new Error(broken.map(shown).join('\n'));
  } catch (error) {
    throw new Error(`${numbered(story.lines)}\n${(error as Error).message}`);
  }
  return story;
}

function numbered(lines: readonly string[]): string {
  return lines.map((line, i) => `${String(i + 1).padStart(4)}. ${line}`).join('\n');
}

function count({ heard }: Story, tally: Tally): void {
  for (const { verb, answer } of heard) {
    for (const kind of answerKinds(answer)) {
      const label = `${verb}: ${kind}`;
      tally.set(label, (tally.get(label) ?? 0) + 1);
    }
  }
}
