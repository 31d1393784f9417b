import type { Input } from './input.js';

/** Wherever the source has put it: an argument, the body of a request, the argument `input` of a field, the data of a queued job. */
export function inputAmong(args: readonly unknown[]): Input | undefined {
  const parts = args.filter(isRecord).flatMap((arg) => [arg, arg.body, arg.input, arg.data]);
  return parts.filter(isRecord).find(isInput);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isInput(value: Record<string, unknown>): value is Record<string, unknown> & Input {
  return typeof value.kind === 'string' && typeof value.id === 'string';
}
