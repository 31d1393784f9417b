import type { Kind } from './input.js';

/** The kinds of job of every app here: what the laws need of a policy. */
export const KINDS = [
  { name: 'plain', policy: {} },
  { name: 'twice', policy: { maxAttempts: 2, backoff: 0 } },
  { name: 'patient', policy: { backoff: '1h' } },
  { name: 'kept', policy: { onDuplicate: 'replay' }, keepsData: true },
  { name: 'above', policy: {}, order: 'above' },
  { name: 'wrapped', policy: {}, order: 'wrapped' },
  { name: 'inherited', policy: {}, inherited: true },
  { name: 'perRequest', policy: {}, perRequest: true },
] as const satisfies Kind[];

export type KindName = (typeof KINDS)[number]['name'];
