// 503: this instance is going, or its database is gone.
import { Controller, Param, Post } from '@nestjs/common';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.js';
import { PLATFORMS, startHttpApp } from '../../support/http-app.js';
import { migrateTemplate } from '../../support/migrate-template.js';
import { startTestServer } from '../../support/test-server.js';

const entered: (() => void)[] = [];

@Controller()
class Jobs {
  @Post('jobs/:id')
  @Tracked('id', 'jobs')
  run(@Param('id') _id: string, @CurrentJob() { signal }: JobRun) {
    entered.shift()?.();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
}

describe.each(PLATFORMS)('on %s', (_, adapter) => {
  test('JOB_INTERRUPTED: a run that a stopping process interrupts, and whoever comes meanwhile', async () => {
    const database = await createTestDatabase();
    const app = await startHttpApp({
      url: database.url,
      controllers: [Jobs],
      adapter: adapter(),
      tracking: { grace: 200 },
    });
    const begun = new Promise<void>((resolve) => entered.push(resolve));
    const running = app.post('/jobs/1');
    await begun;
    const closing = app.close();
    const late = await app.post('/jobs/2');
    for (const { status, body, headers } of [late, await running]) {
      expect(status).toBe(503);
      expect(body).toEqual({
        statusCode: 503,
        code: 'JOB_INTERRUPTED',
        message: 'The process is stopping',
        retryAfter: 5,
      });
      expect(headers.get('retry-after')).toBe('5');
    }
    await closing;
    const jobs = await database.sql('select id, status, outcome, failures from job');
    expect(jobs).toEqual([{ id: '1', status: 'pending', outcome: 'interrupted', failures: 0 }]);
    await database.drop();
  });
});

test('STORE_UNAVAILABLE: the database cannot be reached, on every platform', async () => {
  const server = await startTestServer();
  const url = server.url();
  await migrateTemplate(url);
  const apps = await Promise.all(
    PLATFORMS.map(([, adapter]) => startHttpApp({ url, controllers: [Jobs], adapter: adapter() })),
  );
  await server.stop('immediate');
  for (const { status, body, headers } of await Promise.all(apps.map((app) => app.post('/jobs/1')))) {
    expect(status).toBe(503);
    expect(body).toEqual({
      statusCode: 503,
      code: 'STORE_UNAVAILABLE',
      message: 'the database cannot be reached',
      retryAfter: 5,
    });
    expect(headers.get('retry-after')).toBe('5');
  }
  await Promise.all(apps.map((app) => app.close()));
  await server.remove();
});
