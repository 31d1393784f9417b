import { finished, type Readable } from 'node:stream';
import { Reading } from './reading.js';
import type { FollowedStream, RunningStream } from './running-stream.js';

/** Handed on as it is: its reader may be through before the run has been recorded. */
export function followReadable(stream: Readable, handed: unknown, { signal, lease }: RunningStream): FollowedStream {
  const reading = new Reading({
    signal,
    patience: lease,
    stop: (reason) => void stream.destroy(reason as Error),
    hasBegun: () => stream.readableDidRead,
  });
  finished(stream, { writable: false }, (error) => {
    if (!error) reading.finish(undefined);
    else if (error.code === 'ERR_STREAM_PREMATURE_CLOSE') void reading.leave();
    else reading.fail(error);
  });
  return { handed, ended: reading.ended };
}
