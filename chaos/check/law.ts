import type { Evidence } from './evidence.js';

/** What is asked of every job of a run once everybody has finished. */
export interface Law {
  law: string;
  /** What breaks it, a sentence each. */
  breaches(evidence: Evidence): string[];
}
