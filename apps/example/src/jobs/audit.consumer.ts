import { Injectable } from '@nestjs/common';
import { Consume, type JobRun } from 'nestjs-job-tracking';
import { AuditService } from './audit.service.js';
import { type Audit, auditJob } from './kinds.js';

/** Runs again what a call of the route left undone: failed audits after their backoff, and those whose worker died. */
@Injectable()
export class AuditConsumer {
  constructor(private readonly audits: AuditService) {}

  @Consume(auditJob, { concurrency: 4 })
  audit({ job, signal }: JobRun<typeof auditJob>): Promise<Audit> {
    return this.audits.audit(job.id, signal);
  }
}
