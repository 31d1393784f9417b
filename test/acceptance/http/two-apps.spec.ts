import { Controller, Param, Post } from '@nestjs/common';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.js';
import { PLATFORMS, startHttpApp } from '../../support/http-app.js';

@Controller('jobs')
class Jobs {
  @Post(':id')
  @Tracked('id', 'jobs')
  run(@Param('id') _id: string, @CurrentJob() run: JobRun) {
    return run.job.lease?.worker;
  }
}

test('two apps of one class in one process stay apart: each has its own tracker and its own database', async () => {
  const databases = await Promise.all(PLATFORMS.map(() => createTestDatabase()));
  const apps = await Promise.all(
    PLATFORMS.map(([worker, adapter], i) =>
      startHttpApp({ url: databases[i]?.url ?? '', controllers: [Jobs], adapter: adapter(), tracking: { worker } }),
    ),
  );
  try {
    for (const [i, app] of apps.entries())
      expect(await app.post('/jobs/1')).toMatchObject({ status: 201, body: PLATFORMS[i]?.[0] });
    for (const app of apps) {
      expect(await app.post('/jobs/1')).toMatchObject({ status: 409 });
      expect(await app.tracker.count()).toBe(1);
    }
    await apps[0]?.close();
    expect(await apps[1]?.post('/jobs/2')).toMatchObject({ status: 201, body: PLATFORMS[1]?.[0] });
  } finally {
    await Promise.all(apps.map((app) => app.close()));
    await Promise.all(databases.map((database) => database.drop()));
  }
});
