import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActiveRun } from './active-run.js';
import type { Tracking } from './tracking.js';

/** Where code is: in a run, which may be in another one. */
interface Frame {
  readonly tracking: Tracking;
  readonly run: ActiveRun;
  outer: Frame | undefined;
}

const frames = new AsyncLocalStorage<Frame>();

/** The work, and whatever it awaits, starts or listens to, with this run as its current one until it has been recorded. */
export function asCurrent<T>(tracking: Tracking, run: ActiveRun, work: () => T): T {
  const outer = living(frames.getStore());
  // Else a run that starts the next one, and that the next, would keep all before it.
  for (let frame = outer; frame; frame = frame.outer) frame.outer = living(frame.outer);
  return frames.run({ tracking, run, outer }, work);
}

/** Of nested ones the innermost, of this kind if one is named. Runs of another app in the same process, and those that have ended, are passed over. */
export function currentRun(tracking: Tracking, kind?: string): ActiveRun | undefined {
  for (let frame = living(frames.getStore()); frame; frame = living(frame.outer))
    if (frame.tracking === tracking && (kind === undefined || frame.run.grant.kind === kind)) return frame.run;
  return undefined;
}

/** The runs that code is in, the innermost first, of whichever app. */
export function runsAround(): ActiveRun[] {
  const around: ActiveRun[] = [];
  for (let frame = living(frames.getStore()); frame; frame = living(frame.outer)) around.push(frame.run);
  return around;
}

/** Of whichever app. */
export function anyCurrentRun(): ActiveRun | undefined {
  return living(frames.getStore())?.run;
}

function living(frame: Frame | undefined): Frame | undefined {
  let found = frame;
  while (found && !found.tracking.runs.has(found.run)) found = found.outer;
  return found;
}
