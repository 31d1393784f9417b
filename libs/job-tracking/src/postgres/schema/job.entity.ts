import { defineEntity, p } from '@mikro-orm/postgresql';
import { type FailureRecord, JOB_STATUSES } from '../../protocol/index.js';

/**
 * A job's row, for reads, joins and relations by (kind, id). Writing through it goes round the promise: only the tracker's statements hold
 * the lease. Columns that a snapshot does not show (token, data hash) are not mapped.
 */
export const JobSchema = defineEntity({
  name: 'Job',
  tableName: 'job',
  readonly: true,
  properties: {
    kind: p.text().primary(),
    id: p.text().primary(),
    status: p.enum(JOB_STATUSES),
    outcome: p.text().nullable(),
    claims: p.bigint('number'),
    attempts: p.integer(),
    failures: p.integer(),
    crashes: p.integer(),
    maxAttempts: p.integer().nullable(),
    priority: p.smallint(),
    runAt: p.datetime(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    expiresAt: p.datetime().nullable(),
    worker: p.text().nullable(),
    progress: p.float().nullable(),
    progressNote: p.text().nullable(),
    progressAt: p.datetime().nullable(),
    reason: p.text().nullable(),
    error: p.json<FailureRecord>().nullable(),
    checkpoint: p.json<unknown>().nullable(),
    output: p.json<unknown>().nullable(),
    data: p.json<unknown>().nullable(),
  },
});

export class Job extends JobSchema.class {}
JobSchema.setClass(Job);
