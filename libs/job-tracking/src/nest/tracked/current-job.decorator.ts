import type { JobRun } from '../../protocol/index.js';

const PARAMETERS = Symbol('job-tracking:current-job');

/**
 * The JobRun, as a parameter of a `@Tracked` method on every source. Not a `createParamDecorator`: that would be filled before the claim,
 * pass the app's pipes, and exist on requests only. In a plain call of the method the argument may be left out.
 */
export function CurrentJob(): ParameterDecorator {
  return (target, key, index) => {
    if (key === undefined) return;
    const known: number[] = Reflect.getOwnMetadata(PARAMETERS, target, key) ?? [];
    Reflect.defineMetadata(PARAMETERS, [...known, index], target, key);
  };
}

/** The arguments with the run in its places. */
export function withCurrentJob(args: unknown[], run: JobRun, target: object, key: string | symbol): unknown[] {
  const places: number[] = Reflect.getMetadata(PARAMETERS, target, key) ?? [];
  if (places.length === 0) return args;
  const filled = [...args];
  for (const place of places) filled[place] = run;
  return filled;
}
