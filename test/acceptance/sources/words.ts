import { HttpException } from '@nestjs/common';
import { JobTrackingError } from 'nestjs-job-tracking';

/** An error in words that are the same on every source: the library's by their code, on HTTP too, others by name and message. */
export function wordsOf(error: unknown): string {
  if (error instanceof JobTrackingError) return error.code;
  if (error instanceof HttpException && error.cause !== undefined) return wordsOf(error.cause);
  if (!(error instanceof Error)) return JSON.stringify(error);
  return error.name === 'UnrecoverableError' && error.cause !== undefined
    ? `${error.name}: ${wordsOf(error.cause)}`
    : `${error.name}: ${error.message}`;
}
