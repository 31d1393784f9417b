import { Injectable } from '@nestjs/common';
import { Consume, type ConsumeOptions, type JobKind, type JobRun, JobTrackerService } from 'nestjs-job-tracking';
import { assessHealth, type Health } from '../packages/assess-health.js';
import { classifyLicence, type Licence } from '../packages/classify-licence.js';
import { InstalledPackages } from '../packages/installed-packages.js';
import { type PackageRecord, readPackage } from '../packages/read-package.js';
import { assessJob, classifyJob, readJob } from './kinds.js';

/** Disk and database are waited for, hardly the processor: more at once than there are cores. */
const PACE: ConsumeOptions = { concurrency: 16, pollInterval: '250ms' };

/** The audit's steps. Each runs the packages whose earlier step has succeeded. */
@Injectable()
export class PipelineConsumers {
  constructor(
    private readonly tracker: JobTrackerService,
    private readonly installed: InstalledPackages,
  ) {}

  @Consume(readJob, PACE)
  read({ job }: JobRun<typeof readJob>): Promise<PackageRecord> {
    return readPackage(this.installed.get(job.id));
  }

  @Consume(classifyJob, PACE)
  async classify({ job }: JobRun<typeof classifyJob>): Promise<Licence> {
    return classifyLicence(await this.outputOf(readJob, job.id));
  }

  @Consume(assessJob, PACE)
  async assess({ job, signal }: JobRun<typeof assessJob>): Promise<Health> {
    const record = await this.outputOf(readJob, job.id);
    return assessHealth(this.installed.get(job.id), record, signal);
  }

  /** What an earlier step of the package made. */
  private async outputOf<O>(kind: JobKind<unknown, O>, id: string): Promise<O> {
    const step = await this.tracker.get({ kind, id });
    // An operator may run it again or remove it while this step is at work.
    if (step?.status !== 'succeeded' || step.output === null) throw new Error(`${kind.kind}/${id} has no output now`);
    return step.output as O;
  }
}
