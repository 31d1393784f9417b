import { Observable, takeWhile } from 'rxjs';
import { JobTrackingError } from '../../../protocol/index.js';
import { Reading } from './reading.js';
import type { FollowedStream, RunningStream } from './running-stream.js';

/** Values pass as they come; its end is told when the run has been recorded. */
export function followObservable(
  source: Observable<unknown>,
  { signal, lease, recorded }: RunningStream,
): FollowedStream {
  let unsubscribe = () => {};
  const reading = new Reading({ signal, patience: lease, stop: () => unsubscribe() });
  const handed = new Observable<unknown>((subscriber) => {
    if (!reading.begin())
      return subscriber.error(new JobTrackingError('The stream of a run is read once: it has been subscribed before'));
    recorded.then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
    if (reading.over) return;
    reading.inside(() => {
      // A source that emits at once, and for ever, looks for its subscriber's end before it has given anything to unsubscribe.
      const subscription = source.pipe(takeWhile(() => !subscriber.closed && !reading.over)).subscribe({
        next: (value) => subscriber.next(value),
        error: (error) => reading.fail(error),
        complete: () => (subscriber.closed ? void reading.leave() : reading.finish(undefined)),
      });
      unsubscribe = () => subscription.unsubscribe();
    });
    return () => void reading.leave();
  });
  return { handed, ended: reading.ended };
}
