/**
 * Values as texts. A session's settings (DateStyle, TimeZone, extra_float_digits) change how the database writes times and floats, and an app's driver
 * may parse types its own way: neither touches a text, nor a whole number beyond what `Number` mends.
 */

/** A whole number as drivers hand it over. */
export type Whole = number | bigint | string;

/** A condition that the statement has cast to text. */
export type Flag = 'true' | 'false';

/** The furthest moment that a Date holds, in milliseconds: what `infinity` becomes. */
const FURTHEST = 8.64e15;

/** Of milliseconds since 1970, as `moment` of sql/columns.ts writes them. */
export function dateOf(milliseconds: string): Date {
  return new Date(Math.min(Math.max(Number(milliseconds), -FURTHEST), FURTHEST));
}

export function dateOrNull(milliseconds: string | null): Date | null {
  return milliseconds === null ? null : dateOf(milliseconds);
}

/** Of a jsonb column that was cast to text. */
export function jsonOf<T>(text: string | null): T | null {
  return text === null ? null : JSON.parse(text);
}

/** A time as a parameter. A Date would be written by the driver, in this process's time zone. */
export function timeText(date: Date): string {
  const year = date.getUTCFullYear();
  // What follows the year, which ISO 8601 writes with a sign past 9999 and before 0.
  const rest = date.toISOString().slice(-'-01-01T00:00:00.000Z'.length);
  return `${String(year > 0 ? year : 1 - year).padStart(4, '0')}${rest}${year > 0 ? '' : ' BC'}`;
}

export function timeTextOrNull(date: Date | null | undefined): string | null {
  return date ? timeText(date) : null;
}
