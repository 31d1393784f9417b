import { InvalidOptionsError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import { refuseUnknownKeys } from '../options/unknown-keys.js';

/** Timers fire a little early: clocks are set while a process sleeps. */
const EARLY = 1_000;
/** Longer than clocks are ever set back for at once. */
const BEFORE = 3 * 3_600_000;

/** How much of '2026-11-24T13:05' names a slot. */
const LENGTHS = { day: 10, hour: 13, minute: 16 } as const;

/**
 * The id of the current time slot, for timers that run on many instances: one job a slot, whoever ticks first. '2026-11-24', '2026-11-24T13' or
 * '2026-11-24T13:05', local time of `timeZone` ('UTC'); in an hour that comes twice, as clocks are set back, the second one carries its offset:
 * '2026-10-25T02+01:00'. A tick up to 1 s early counts for its slot. Throws InvalidOptionsError for an unknown unit or time zone.
 */
export function slot(unit: 'minute' | 'hour' | 'day', options: { timeZone?: string } = {}): () => string {
  refuseUnknownKeys(options, ['timeZone'], 'slot');
  const length = Object.hasOwn(LENGTHS, unit) ? LENGTHS[unit] : undefined;
  if (length === undefined)
    throw new InvalidOptionsError(`slot: expected unit to be one of 'minute', 'hour', 'day', got: ${shown(unit)}`);
  const offsetAt = offsets(options.timeZone ?? 'UTC');
  return () => {
    const now = Date.now() + EARLY;
    const offset = offsetAt(now);
    const label = new Date(now + offset).toISOString().slice(0, length);
    return unit !== 'day' && cameBefore(now, offset, offsetAt) ? `${label}${offsetText(offset)}` : label;
  };
}

/** Whether the clocks there have shown this time already. */
function cameBefore(now: number, offset: number, offsetAt: (time: number) => number): boolean {
  const before = offsetAt(now - BEFORE);
  return before > offset && offsetAt(now - (before - offset)) === before;
}

/** Milliseconds by which the zone's clocks are ahead of UTC, at a time. */
function offsets(timeZone: string): (time: number) => number {
  const format = formatOf(timeZone);
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1_000) * 1_000;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const number = 'numeric';
  const fields = { year: number, month: number, day: number, hour: number, minute: number, second: number } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...fields, calendar: 'gregory', hourCycle: 'h23', timeZone });
  } catch (cause) {
    const expected = `expected timeZone to be one that this Node knows, as 'Europe/Berlin', got: ${shown(timeZone)}`;
    throw new InvalidOptionsError(`slot: ${expected}`, { cause });
  }
}

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
