import { InvalidOptionsError } from './errors.js';
import { shown } from './shown.js';

/** A span of time: a bare number is milliseconds, a text is a number and a unit, as in '500ms', '30s', '10m', '2h', '7d'. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const TEXT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const CENTURY = 36_525 * UNITS.d;

/** The longest time that a timer of the process can hold, about 24.8 days; one that is set to more fires at once. The bound of every duration that becomes one. */
export const LONGEST_TIMER = 2 ** 31 - 1;

export interface DurationBounds {
  /** Milliseconds; 0. */
  atLeast?: number;
  /** Milliseconds; a hundred years. */
  atMost?: number;
}

/** Milliseconds, whole. Throws InvalidOptionsError that names the field (and before it where it stands, as in '@Tracked: lease'), what was expected and what came. */
export function milliseconds(
  value: unknown,
  field: string,
  { atLeast = 0, atMost = CENTURY }: DurationBounds = {},
): number {
  const refuse = (expected: string): never => {
    const [, where = '', name] = /^(.*: )?(.*)$/s.exec(field) ?? [];
    throw new InvalidOptionsError(`${where}expected ${name} to be ${expected}, got: ${shown(value)}`);
  };
  const parsed = typeof value === 'number' ? value : typeof value === 'string' ? fromText(value) : Number.NaN;
  if (!Number.isFinite(parsed) || parsed < 0)
    refuse("a duration (milliseconds as a number, or a text as '500ms', '30s', '10m', '2h', '7d')");
  const rounded = Math.round(parsed);
  if (rounded < atLeast) refuse(`at least ${atLeast} ms`);
  if (rounded > atMost) refuse(`at most ${atMost} ms`);
  return rounded;
}

function fromText(text: string): number {
  const [, amount, unit] = TEXT.exec(text) ?? [];
  return amount === undefined ? Number.NaN : Number(amount) * UNITS[unit as keyof typeof UNITS];
}
