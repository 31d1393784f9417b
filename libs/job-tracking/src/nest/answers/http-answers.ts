import { type ExecutionContext, HttpException } from '@nestjs/common';
import { JobRefusedError, JobTrackingError } from '../../protocol/index.js';

/** By code; an error that is not here is the application's fault and stays a 500. */
export const HTTP_STATUS: Readonly<Record<string, number>> = {
  JOB_NOT_FOUND: 404,
  JOB_LOCKED: 409,
  JOB_ALREADY_SUCCEEDED: 409,
  JOB_IGNORED: 409,
  JOB_NOT_READY: 409,
  JOB_NOT_DUE: 409,
  JOB_MISMATCH: 422,
  LEASE_LOST: 409,
  JOB_TIMEOUT: 504,
  JOB_INTERRUPTED: 503,
  STORE_UNAVAILABLE: 503,
  INVALID_JOB: 400,
  OPEN_TRANSACTION: 500,
};

/** Seconds that a client is told to wait for an instance, or a database, that is going or gone. */
const UNAVAILABLE_WAIT = 5;

/**
 * The answer of a tracked route to an error: an HttpException with the error as its cause, so that the app's own filters treat it as they
 * treat any. Never data, worker or stored errors. What is not this library's error is passed on as it is.
 */
export function httpAnswer(context: ExecutionContext, error: unknown): unknown {
  if (!(error instanceof JobTrackingError)) return error;
  const statusCode = HTTP_STATUS[error.code];
  if (statusCode === undefined) return error;
  const retryAfter = waitOf(error, statusCode);
  if (retryAfter !== undefined) setHeader(context, 'Retry-After', String(retryAfter));
  const body = {
    statusCode,
    code: error.code,
    message: error.message,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  return new HttpException(body, statusCode, { cause: error });
}

/** Tells a client that nothing ran: the answer is of an earlier call. */
export function markReplayed(context: ExecutionContext): void {
  setHeader(context, 'Idempotent-Replayed', 'true');
}

function waitOf(error: JobTrackingError, statusCode: number): number | undefined {
  if (error instanceof JobRefusedError)
    return error.retryAfter === null ? undefined : Math.max(1, Math.ceil(error.retryAfter / 1_000));
  return statusCode === 503 ? UNAVAILABLE_WAIT : undefined;
}

interface Response {
  header(name: string, value: string): unknown;
  headersSent?: boolean;
  raw?: { headersSent: boolean };
}

/** Express and Fastify have it by one name. Of a stream that fails the headers have been sent. */
function setHeader(context: ExecutionContext, name: string, value: string): void {
  const response = context.switchToHttp().getResponse<Response>();
  if (!(response.raw?.headersSent ?? response.headersSent)) response.header(name, value);
}
