import type { JobKind, KindRef } from './job-kind.js';

/** The kind of whoever names none, everywhere. */
export const DEFAULT_KIND = 'default';

export function kindName(kind: KindRef | undefined): string {
  return kind === undefined ? DEFAULT_KIND : typeof kind === 'string' ? kind : kind?.kind;
}

/** The kind's own value where one was given: its schemas and policy. A name alone has none. */
export function kindValue(kind: KindRef | undefined): JobKind | undefined {
  return typeof kind === 'object' ? (kind as JobKind) : undefined;
}
