import { BROKEN } from './broken.js';
import { DOUBLED } from './doubled.js';
import type { Evidence } from './evidence.js';
import { LOST } from './lost.js';

/** What is asked of every job of a run once everybody has finished. */
export interface Law {
  law: string;
  /** What breaks it, a sentence each. */
  breaches(evidence: Evidence): string[];
}

export const HARMS = ['lost', 'doubled', 'broken'] as const;

export type Harm = (typeof HARMS)[number];

export const LAWS: Readonly<Record<Harm, readonly Law[]>> = { lost: LOST, doubled: DOUBLED, broken: BROKEN };
