import { inspect } from 'node:util';

const LONGEST = 200;

/** Where what is there is not what was expected, a line each; what nothing was expected of is not looked at. */
export function differences(expected: unknown, actual: unknown, place: string): string[] {
  if (expected instanceof Date || typeof expected !== 'object' || expected === null)
    return same(expected, actual) ? [] : [`${place}: expected ${shown(expected)}, got ${shown(actual)}`];
  if (typeof actual !== 'object' || actual === null || actual instanceof Date)
    return [`${place}: expected ${shown(expected)}, got ${shown(actual)}`];
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length)
    return [`${place}: expected ${shown(expected)}, got ${shown(actual)}`];
  return Object.entries(expected).flatMap(([key, value]) =>
    differences(value, (actual as Record<string, unknown>)[key], `${place}.${key}`),
  );
}

function same(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : Object.is(a, b);
}

export function shown(value: unknown): string {
  const text = inspect(value, { depth: 2, breakLength: Number.POSITIVE_INFINITY });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
