import { Body, Controller, Get, HttpCode, Post, Query, UseFilters } from '@nestjs/common';
import { type JobQuery, type JobSnapshot, type JobStatus, JobTrackerService, type Page } from 'nestjs-job-tracking';
import { InvalidQueryFilter } from './invalid-query.filter.js';

/** For operators. An application of yours puts a guard here. */
@Controller('jobs')
@UseFilters(InvalidQueryFilter)
export class JobsController {
  constructor(private readonly tracker: JobTrackerService) {}

  /** 100 a page, oldest change first. `cursor` is the `next` of the page before; `status` may come more than once. */
  @Get()
  list(
    @Query('kind') kind?: string,
    @Query('status') status?: JobStatus | JobStatus[],
    @Query('cursor') cursor?: string,
  ): Promise<Page<JobSnapshot>> {
    return this.tracker.list({ kind, status, cursor });
  }

  /**
   * The body says which jobs: { "kind": "classify", "status": "ignored" }. Makes them due; the consumers run them. With ?rerun=true
   * succeeded ones too: of a package that was repaired, `read` first.
   */
  @Post('retry')
  @HttpCode(200)
  async retry(@Body() query: JobQuery, @Query('rerun') rerun?: string): Promise<{ retried: number }> {
    return { retried: await this.tracker.retryMany(query, { rerun: rerun === 'true' }) };
  }
}
