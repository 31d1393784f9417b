import type { JobStatus } from '../job/job.js';

export type OperatorVerb = 'retry' | 'ignore' | 'release' | 'remove';

interface VerbRule {
  /** The states that it changes. `retry` with `rerun` changes a success, too. */
  from: readonly JobStatus[];
  /** The states that it has nothing to change in: the job is returned as it is. (`retry` still makes a pending job due that waits for a later time.) */
  done: readonly JobStatus[];
}

/** Which states a verb applies to. A job in any other state is refused by what that state is. Both stores are held to this table by their laws. */
export const OPERATOR_VERBS: Readonly<Record<OperatorVerb, VerbRule>> = {
  retry: { from: ['failed', 'ignored'], done: ['pending'] },
  ignore: { from: ['pending', 'failed'], done: ['ignored'] },
  release: { from: ['in_progress'], done: ['pending', 'failed'] },
  remove: { from: ['pending', 'failed', 'succeeded', 'ignored'], done: [] },
};
