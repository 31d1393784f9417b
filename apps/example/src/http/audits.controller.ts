import { Controller, Param, Post, UseFilters } from '@nestjs/common';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';
import { AuditService } from '../jobs/audit.service.js';
import { type Audit, auditJob } from '../jobs/kinds.js';
import { InstalledPackagePipe } from './installed-package.pipe.js';
import { PackageErrorFilter } from './package-error.filter.js';

@Controller('audits')
@UseFilters(PackageErrorFilter)
export class AuditsController {
  constructor(private readonly audits: AuditService) {}

  /** 201 and the audit; 409 while it runs and once it is done; 422 for a package at fault, which the consumer then tries again. */
  @Post(':package')
  @Tracked('package', auditJob)
  audit(@Param('package', InstalledPackagePipe) id: string, @CurrentJob() { signal }: JobRun): Promise<Audit> {
    return this.audits.audit(id, signal);
  }
}
