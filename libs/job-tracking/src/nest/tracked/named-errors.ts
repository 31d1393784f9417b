import { InvalidJobError, InvalidOptionsError } from '../../protocol/index.js';

/** What is wrong with the job of a call, with the handler's name: many may listen to one event, and only a log tells of it. */
export function namedError(error: unknown, handler: string, http: boolean): unknown {
  const message = `@Tracked on ${handler}: ${error instanceof Error ? error.message : ''}`;
  if (error instanceof InvalidOptionsError) return new InvalidOptionsError(message, { cause: error.cause });
  // A client of HTTP gets the message. It knows its route, and the app's classes are not its business.
  if (error instanceof InvalidJobError && !http) return new InvalidJobError(error.field, message, { cause: error });
  return error;
}
