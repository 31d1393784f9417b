import type { ExecutionContext } from '@nestjs/common';
import {
  InvalidOptionsError,
  JobAlreadySucceededError,
  JobLockedError,
  type JobRun,
  type ResolvedPolicy,
  type RunOutcome,
  resolvePolicy,
  runTracked,
  type Tracking,
} from '../../protocol/index.js';
import { httpAnswer, markReplayed } from '../answers/http-answers.js';
import { CALLER, type Source, sourceOf } from '../answers/sources.js';
import { followStream, opened } from '../answers/streams/index.js';
import { arrivalAt, leaveArrival } from './arrival.js';
import { withCurrentJob } from './current-job.decorator.js';
import { IgnoredJobs } from './ignored-jobs.js';
import { decoratedParameters, type HandlerParameters, jobFrom } from './job-id-source.js';
import { namedError } from './named-errors.js';
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
  const names = parameterNames(written(target, key) ?? original);
  const ignored = new IgnoredJobs();
  let parameters: HandlerParameters | undefined;

  async function called(host: object, args: unknown[], context: ExecutionContext | undefined): Promise<unknown> {
    const tracking = hosted(host);
    if (!tracking) throw notHosted(target, key);
    parameters ??= { names, decorated: decoratedParameters(target, key) };
    const own = parameters;
    const http = context?.getType() === 'http' ? context : undefined;
    const told = (error: unknown): never => {
      throw http ? httpAnswer(http, error) : error;
    };
    const named = (error: unknown): never => {
      throw namedError(error, `${host.constructor.name}.${String(key)}`, http !== undefined);
    };
    const source = http ? CALLER : sourceOf(tracked, key, host);
    try {
      const job = { ...orElse(() => jobFrom(declaration.id, args, own, context), named), kind: declaration.kind };
      const layers = [declaration.policy, tracking.defaults, { onDuplicate: source.onDuplicate }];
      const policy = { ...resolvePolicy(...layers), early: source.early };
      const work = (run: JobRun) => original.apply(host, withCurrentJob(args, run, target, key));
      return await handedOrRecorded(policy, work, (followed) =>
        runTracked(tracking, job, policy, followed)
          .catch(named)
          .then((outcome) => {
            if (source.unheard) ignored.met(tracking, job.id, outcome);
            return answered(outcome, policy, source, http);
          })
          .catch(told),
      );
    } catch (error) {
      return told(error);
    }
  }

  const tracked = isGenerator(original)
    ? function tracked(this: unknown, ...args: unknown[]) {
        if (isUntracked()) return original.apply(this, args);
        const context = arrivalAt(declaration);
        return opened(() => called(this as object, args, context));
      }
    : // An async function by its looks too: decorators that stand above ask for one.
      async function tracked(this: unknown, ...args: unknown[]) {
        return isUntracked() ? original.apply(this, args) : called(this as object, args, arrivalAt(declaration));
      };
  return tracked;
}

function orElse<T>(value: () => T, otherwise: (error: unknown) => never): T {
  try {
    return value();
  } catch (error) {
    return otherwise(error);
  }
}

/** What the caller gets: a stream as soon as the handler has returned one, else what has been recorded. */
async function handedOrRecorded(
  policy: ResolvedPolicy,
  work: (run: JobRun) => unknown,
  start: (work: (run: JobRun) => unknown) => Promise<unknown>,
): Promise<unknown> {
  const handed = Promise.withResolvers<unknown>();
  const recorded: Promise<unknown> = leaveArrival(() =>
    start(async (run) => {
      const value = await work(run);
      const stream = followStream(value, { signal: run.signal, lease: policy.lease, recorded });
      if (!stream) return value;
      handed.resolve(stream.handed);
      return stream.ended;
    }),
  );
  return Promise.race([handed.promise, recorded]);
}

/** A duplicate that the policy skips is answered by nothing; it was announced as an event. */
function answered(
  outcome: RunOutcome<unknown>,
  policy: ResolvedPolicy,
  source: Source,
  http: ExecutionContext | undefined,
): unknown {
  if (outcome.status === 'succeeded') {
    if (http && outcome.replayed) markReplayed(http);
    return outcome.output;
  }
  if (policy.onDuplicate === 'skip' && outcome.status === 'refused') {
    if (outcome.error instanceof JobAlreadySucceededError) return undefined;
    if (outcome.error instanceof JobLockedError && source.skipsRunning) return undefined;
  }
  return source.answer(outcome);
}

/** The method as the class has it until all its decorators are through: one below may have replaced it, and hidden its parameters. */
function written(target: object, key: string | symbol): Method | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(target, key)?.value;
  return typeof value === 'function' ? (value as Method) : undefined;
}

function isGenerator(method: Method): boolean {
  return Object.prototype.toString.call(method) === '[object AsyncGeneratorFunction]';
}

function notHosted(target: object, key: string | symbol): InvalidOptionsError {
  const name = `${target.constructor.name}.${String(key)}`;
  return new InvalidOptionsError(
    `@Tracked on ${name}: no job tracking here. Import JobTrackingModule.forRoot() in the app (in a test, JobTrackingTestingModule.forRoot()) and let Nest make the instance, as a controller or a provider class; ` +
      `or, to call the method as if it were not decorated, call it in untracked(() => …). Both are in nestjs-job-tracking/testing`,
  );
}
