import { Controller, Param, ParseIntPipe, Post } from '@nestjs/common';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

@Controller('orders')
class Orders {
  @Post(':orderId/charge')
  @Tracked('orderId', { kind: 'charge' })
  charge(@Param('orderId', ParseIntPipe) orderId: number, @CurrentJob() run: JobRun) {
    return { charged: orderId, attempt: run.job.attempts };
  }
}

describe('a tracked route', () => {
  let database: TestDatabase;
  let app: TestApp;
  let base: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url, controllers: [Orders] });
    await app.nest.listen(0);
    base = await app.nest.getUrl();
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const post = (path: string) => fetch(`${base}/orders/${path}`, { method: 'POST' });

  it('runs once, is recorded, and refuses its duplicate with 409', async () => {
    const first = await post('7/charge');
    expect(first.status).toBe(201);
    expect(await first.json()).toEqual({ charged: 7, attempt: 1 });
    expect(await app.tracker.get({ kind: 'charge', id: '7' })).toMatchObject({
      status: 'succeeded',
      output: { charged: 7 },
      attempts: 1,
      claims: 1,
      lease: null,
    });

    const again = await post('07/charge');
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({
      statusCode: 409,
      code: 'JOB_ALREADY_SUCCEEDED',
      message: 'Job "charge/7" has already succeeded',
    });
  });

  it('claims nothing for input that a pipe refuses', async () => {
    expect((await post('x/charge')).status).toBe(400);
    expect(await app.tracker.count({ kind: 'charge', ids: ['x'] })).toBe(0);
  });

  it('answers one of fifty posts of one id, and 409 with Retry-After to the others', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('50/charge')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
  });
});
