import type { ExecutionContext } from '@nestjs/common';
import {
  InvalidOptionsError,
  JobAlreadySucceededError,
  JobLockedError,
  outputOf,
  type RunOutcome,
  resolvePolicy,
  runTracked,
  type Tracking,
} from '../protocol/index.js';
import { arrivalAt, leaveArrival } from './arrival.js';
import { withCurrentJob } from './current-job.decorator.js';
import { httpAnswer, markReplayed } from './http-answers.js';
import { decoratedParameters, type HandlerParameters, jobFrom } from './job-id-source.js';
import { parameterNames } from './parameter-names.js';
import type { TrackedDeclaration } from './tracked-declaration.js';
import { isUntracked } from './untracked.js';

type Method = (...args: unknown[]) => unknown;

/** The method as Nest and everybody else call it. `hosted` finds the app whose instance the call is on. */
export function trackedMethod(
  original: Method,
  declaration: TrackedDeclaration,
  target: object,
  key: string | symbol,
  hosted: (host: unknown) => Tracking | undefined,
): Method {
  const names = parameterNames(original);
  let parameters: HandlerParameters | undefined;
  // An async function by its looks too: decorators that stand above ask for one.
  return async function tracked(this: unknown, ...args: unknown[]) {
    if (isUntracked()) return original.apply(this, args);
    const tracking = hosted(this);
    if (!tracking) throw notHosted(target, key);
    parameters ??= { names, decorated: decoratedParameters(target, key) };
    const context = arrivalAt(declaration);
    const http = context?.getType() === 'http' ? context : undefined;
    try {
      const job = { ...jobFrom(declaration.id, args, parameters, context), kind: declaration.kind };
      const policy = resolvePolicy(declaration.policy, tracking.defaults);
      const outcome = await leaveArrival(() =>
        runTracked(tracking, job, policy, (run) => original.apply(this, withCurrentJob(args, run, target, key))),
      );
      return answered(outcome, policy.onDuplicate === 'skip', http);
    } catch (error) {
      throw http ? httpAnswer(http, error) : error;
    }
  };
}

/** A duplicate that the policy skips is answered by nothing; it was announced as an event. */
function answered(outcome: RunOutcome<unknown>, skips: boolean, http: ExecutionContext | undefined): unknown {
  if (skips && outcome.status === 'refused')
    if (outcome.error instanceof JobAlreadySucceededError || outcome.error instanceof JobLockedError) return undefined;
  if (http && outcome.status === 'succeeded' && outcome.replayed) markReplayed(http);
  return outputOf(outcome);
}

function notHosted(target: object, key: string | symbol): InvalidOptionsError {
  const name = `${target.constructor.name}.${String(key)}`;
  return new InvalidOptionsError(
    `@Tracked on ${name}: no job tracking here. Import JobTrackingModule.forRoot() in the app (in a test, JobTrackingTestingModule.forRoot()) and let Nest make the instance, as a controller or a provider class; ` +
      `or, to call the method as if it were not decorated, call it in untracked(() => …). Both are in nestjs-job-tracking/testing`,
  );
}
