import { Injectable } from '@nestjs/common';
import { Cron, ScheduleModule } from '@nestjs/schedule';
import { Consume, defineJob, type JobRun, JobTrackerService, slot } from 'nestjs-job-tracking';

export const nightly = defineJob<unknown, { by: string }>('nightly', { lease: 500, backoff: 50 });

/** What a slot's run does; tests give it. */
export class NightlyWork {
  constructor(readonly run: (run: JobRun<typeof nightly>) => Promise<{ by: string }>) {}
}

/** As the docs recommend it: the tick registers, a consumer runs, so that a slot whose run failed or died is run again. */
@Injectable()
export class Nightly {
  readonly #slot = slot('minute');

  constructor(
    private readonly tracker: JobTrackerService,
    private readonly work: NightlyWork,
  ) {}

  @Cron('* * * * * *', { name: 'nightly' })
  async tick() {
    await this.tracker.register({ kind: nightly, id: this.#slot() });
  }

  @Consume(nightly, { pollInterval: 100 })
  run(run: JobRun<typeof nightly>) {
    return this.work.run(run);
  }
}

/** The parts of an app that has it. */
export function nightlyParts(work: NightlyWork['run']) {
  return {
    imports: [ScheduleModule.forRoot()],
    providers: [Nightly, { provide: NightlyWork, useFactory: () => new NightlyWork(work) }],
  };
}
