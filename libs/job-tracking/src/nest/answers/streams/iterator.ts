import { Reading } from './reading.js';
import type { FollowedStream, RunningStream } from './running-stream.js';

/** What it returns at its end is the run's output; the end is told when the run has been recorded. */
export function followIterable(
  source: AsyncIterable<unknown>,
  { signal, lease, recorded }: RunningStream,
): FollowedStream {
  const iterator = source[Symbol.asyncIterator]();
  const reading = new Reading({ signal, patience: lease, stop: () => iterator.return?.() });
  const settled = recorded.then(
    () => {},
    () => {},
  );
  const handed: AsyncIterableIterator<unknown> = {
    async next(...values) {
      reading.begin();
      if (!reading.over)
        try {
          const step = await reading.inside(() => iterator.next(...values));
          if (!step.done) return step;
          reading.finish(step.value);
        } catch (error) {
          reading.fail(error);
        }
      return { done: true, value: await recorded };
    },
    async return(value) {
      await reading.leave();
      await settled;
      return { done: true, value };
    },
    async throw(error) {
      await reading.leave();
      await settled;
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return { handed, ended: reading.ended };
}

/** Opened by the first `next()`, so that a generator that nobody reads claims nothing. What is opened may be no stream: then it is what the generator returns. */
export async function* opened(open: () => Promise<unknown>): AsyncGenerator<unknown, unknown, unknown> {
  const stream = await open();
  return isAsyncIterable(stream) ? yield* stream : stream;
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
