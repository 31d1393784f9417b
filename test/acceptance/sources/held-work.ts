import type { Work } from './stage.js';

/** A handler's body that waits to be told what to return; when its signal fires, it throws the reason. */
export function heldWork(): { work: Work; entered: Promise<void>; end(output: unknown): void } {
  const entered = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown>();
  return {
    entered: entered.promise,
    end: ended.resolve,
    work(run) {
      run.signal.addEventListener('abort', () => ended.reject(run.signal.reason));
      entered.resolve();
      return ended.promise;
    },
  };
}
