import { defineEntity, p } from '@mikro-orm/postgresql';
import type { FailureRecord } from '../../protocol/index.js';

/** Every attempt of every job, the last and the running one too (its outcome and endedAt are null). Maps the view: read only. */
export const JobAttemptSchema = defineEntity({
  name: 'JobAttempt',
  tableName: 'job_attempt',
  readonly: true,
  properties: {
    kind: p.text().primary(),
    id: p.text().primary(),
    claim: p.bigint('number').primary(),
    attempt: p.integer(),
    worker: p.text(),
    outcome: p.text().nullable(),
    startedAt: p.datetime(),
    endedAt: p.datetime().nullable(),
    error: p.json<FailureRecord>().nullable(),
  },
});

export class JobAttempt extends JobAttemptSchema.class {}
JobAttemptSchema.setClass(JobAttempt);
