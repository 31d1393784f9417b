import type { INestApplication } from '@nestjs/common';

/** What Nest, or a package of its, has logged as an error. */
export interface LoggedError {
  by: string;
  text: string;
}

/** Collects what the app logs as an error from now on. */
export function captureLog(nest: INestApplication): readonly LoggedError[] {
  const errors: LoggedError[] = [];
  const error = (message: unknown, ...rest: unknown[]) => {
    errors.push({ by: String(rest.at(-1)), text: message instanceof Error ? message.message : String(message) });
  };
  nest.useLogger({ log() {}, warn() {}, error });
  return errors;
}
