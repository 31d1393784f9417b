import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { isObservable } from 'rxjs';
import { followIterable, isAsyncIterable } from './iterator.js';
import { followObservable } from './observable.js';
import { followReadable } from './readable.js';
import type { FollowedStream, RunningStream } from './running-stream.js';

/** undefined: what the handler returned is no stream (an Observable, a StreamableFile, a Readable, anything that is iterated asynchronously). */
export function followStream(value: unknown, run: RunningStream): FollowedStream | undefined {
  if (isObservable(value)) return followObservable(value, run);
  if (value instanceof StreamableFile) return followReadable(value.getStream(), value, run);
  if (value instanceof Readable) return followReadable(value, value, run);
  return isAsyncIterable(value) ? followIterable(value, run) : undefined;
}
