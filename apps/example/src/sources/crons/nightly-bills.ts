import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { Consume, defineJob, type JobRun, JobTrackerService, slot } from 'nestjs-job-tracking';

export const nightlyBills = defineJob<unknown, { billed: string }>('nightly-bills', { maxAttempts: 5 });
export const night = slot('day', { timeZone: 'Europe/Berlin' });

/** The tick registers the night, a consumer runs it: a night that failed, or whose instance died, is run again. */
@Injectable()
export class NightlyBills {
  constructor(private readonly tracker: JobTrackerService) {}

  @Cron('0 3 * * *', { name: 'nightly-bills', timeZone: 'Europe/Berlin' })
  async tick() {
    await this.tracker.register({ kind: nightlyBills, id: night() });
  }

  @Consume(nightlyBills)
  async run({ job }: JobRun<typeof nightlyBills>) {
    return { billed: `the orders of ${job.id}` };
  }
}
