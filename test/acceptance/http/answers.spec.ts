// What a tracked route answers to every refusal and fault: status, body, headers.
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CurrentJob, defineJob, type JobRun, JobTrackerService, Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { holdRun } from '../../support/held-run.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../../support/http-app.js';

const SECRET = 'card-4242';
const order = defineJob('order', { data: z.object({ amount: z.number() }), maxAttempts: 2 });
const seeded = defineJob('seeded', { onMissing: 'refuse' });
const shipped = defineJob('shipped', { after: 'seeded' });
const quick = defineJob('quick', { timeout: 20, maxAttempts: 1 });
const replayed = defineJob('replayed', { onDuplicate: 'replay' });

@Controller('orders')
class Orders {
  constructor(private readonly tracker: JobTrackerService) {}

  @Post(':id')
  @Tracked((id: string, body: unknown) => ({ id, data: body }), order)
  async order(@Param('id') id: string, @Body() body: { amount: number }, @CurrentJob() run: JobRun<typeof order>) {
    await run.checkpoint({ secret: SECRET });
    if (id.startsWith('throws')) throw new Error(SECRET);
    if (id.startsWith('snoozes')) return run.snooze('90s');
    if (id.startsWith('ignores')) return run.ignore(SECRET);
    return { charged: body.amount };
  }

  @Post(':id/seeded')
  @Tracked('id', seeded)
  seeded(@Param('id') id: string) {
    return { id };
  }

  @Post(':id/shipped')
  @Tracked('id', shipped)
  shipped(@Param('id') id: string) {
    return { id };
  }

  @Post(':id/quick')
  @Tracked('id', quick)
  quick(@Param('id') _id: string, @CurrentJob() run: JobRun) {
    return new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(new Error(SECRET))));
  }

  @Post(':id/lost')
  @Tracked('id', 'lost')
  async lost(@Param('id') id: string) {
    await this.tracker.release({ kind: 'lost', id });
    return SECRET;
  }

  @Post(':id/replayed')
  @HttpCode(202)
  @Tracked((id: string, body: unknown) => ({ id, data: body }), replayed)
  replayed(@Param('id') _id: string, @Body() body: unknown) {
    return { made: body, nothing: undefined };
  }
}

describe.each(PLATFORMS)('on %s', (_, adapter) => {
  let database: TestDatabase;
  let app: HttpApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startHttpApp({ url: database.url, controllers: [Orders], adapter: adapter() });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const paid = { amount: 5 };
  const errorOf = (statusCode: number, code: string, message: unknown = expect.any(String)) => ({
    statusCode,
    code,
    message,
  });

  test('succeeded: the handler’s own answer and status', async () => {
    expect(await app.post('/orders/1', paid)).toMatchObject({ status: 201, body: { charged: 5 } });
  });

  test('JOB_ALREADY_SUCCEEDED: 409, final, without the output', async () => {
    await app.post('/orders/done', paid);
    const { status, body, headers } = await app.post('/orders/done', paid);
    expect(status).toBe(409);
    expect(body).toEqual(errorOf(409, 'JOB_ALREADY_SUCCEEDED', 'Job "order/done" has already succeeded'));
    expect(headers.get('retry-after')).toBeNull();
  });

  test('JOB_LOCKED: 409, to be asked again when the lease ends', async () => {
    const held = await holdRun(
      app.tracker,
      { kind: 'order', id: 'locked', data: { amount: 5, secret: SECRET } },
      { lease: '20s' },
    );
    const { status, body, headers } = await app.post('/orders/locked', paid);
    expect(status).toBe(409);
    expect(body).toEqual({ ...errorOf(409, 'JOB_LOCKED', 'Job "order/locked" is in progress'), retryAfter: 20 });
    expect(headers.get('retry-after')).toBe('20');
    await held.succeed();
  });

  test('JOB_IGNORED: 409, final, without the reason', async () => {
    for (const message of ['Job "order/ignores" is ignored', 'Job "order/ignores" is ignored']) {
      const { status, body, headers } = await app.post('/orders/ignores', paid);
      expect({ status, body }).toEqual({ status: 409, body: errorOf(409, 'JOB_IGNORED', message) });
      expect(headers.get('retry-after')).toBeNull();
    }
  });

  test('JOB_NOT_DUE: 409, to be asked again when it is due', async () => {
    for (let i = 0; i < 2; i++) {
      const { status, body, headers } = await app.post('/orders/snoozes', paid);
      expect({ status, body }).toMatchObject({ status: 409, body: { code: 'JOB_NOT_DUE', retryAfter: 90 } });
      expect(headers.get('retry-after')).toBe('90');
    }
  });

  test('JOB_NOT_READY: 409, to be asked again', async () => {
    const { status, body, headers } = await app.post('/orders/1/shipped');
    expect(status).toBe(409);
    expect(body).toEqual({ ...errorOf(409, 'JOB_NOT_READY'), retryAfter: expect.any(Number) });
    expect(headers.get('retry-after')).toBe(String((body as { retryAfter: number }).retryAfter));
  });

  test('JOB_NOT_FOUND: 404', async () => {
    const { status, body } = await app.post('/orders/1/seeded');
    expect({ status, body }).toEqual({
      status: 404,
      body: errorOf(404, 'JOB_NOT_FOUND', 'Job "seeded/1" does not exist'),
    });
  });

  test('JOB_MISMATCH: 422, and the replay of the same is marked', async () => {
    const first = await app.post('/orders/1/replayed', { a: 1 });
    expect(first).toMatchObject({ status: 202, body: { made: { a: 1 } } });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const second = await app.post('/orders/1/replayed', { a: 1 });
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const other = await app.post('/orders/1/replayed', { a: 2 });
    expect(other).toMatchObject({ status: 422, body: errorOf(422, 'JOB_MISMATCH') });
    expect(other.headers.get('idempotent-replayed')).toBeNull();
  });

  test('INVALID_JOB: 400, the field in the message', async () => {
    const { status, body } = await app.post('/orders/bad', { amount: 'five' });
    expect({ status, body }).toEqual({
      status: 400,
      body: errorOf(400, 'INVALID_JOB', expect.stringContaining('data.amount')),
    });
    expect(await app.tracker.get({ kind: 'order', id: 'bad' })).toBeNull();
  });

  test('LEASE_LOST: 409, whatever its handler returned', async () => {
    const { status, body, headers } = await app.post('/orders/1/lost');
    expect({ status, body }).toEqual({ status: 409, body: errorOf(409, 'LEASE_LOST') });
    expect(headers.get('retry-after')).toBeNull();
    expect(await app.tracker.get({ kind: 'lost', id: '1' })).toMatchObject({ status: 'pending', output: null });
  });

  test('JOB_TIMEOUT: 504, without what the handler threw', async () => {
    const { status, body, headers } = await app.post('/orders/1/quick');
    expect({ status, body }).toEqual({ status: 504, body: errorOf(504, 'JOB_TIMEOUT') });
    expect(headers.get('retry-after')).toBeNull();
  });

  test('an error of the handler’s own is the app’s own 500', async () => {
    const { status, body } = await app.post('/orders/throws', paid);
    expect({ status, body }).toEqual({ status: 500, body: { statusCode: 500, message: 'Internal server error' } });
  });
});
