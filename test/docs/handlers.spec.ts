import { ClassSerializerInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { JobTrackerService } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type HttpApp, startHttpApp } from '../support/http-app.js';
import { expireLease } from '../support/job-rows.js';
import { Snippets } from './snippets.js';

const PAGE = 'docs/handlers.md';
const snippets = new Snippets('handlers');
const load = (file: string) => snippets.load(PAGE, file);

let database: TestDatabase;
let app: HttpApp;
let tracker: JobTrackerService;
let payments: { charged: string[]; isDown: boolean };

beforeAll(async () => {
  database = await createTestDatabase();
  // One after the other: imports at once of modules that import one another may find one half made.
  const { OrdersController } = await load('orders.controller.ts');
  const { Charging } = await load('charging.ts');
  const { ChargesConsumer } = await load('charges.consumer.ts');
  const { MayCharge } = await load('may-charge.guard.ts');
  const { Payments } = await load('payments.ts');
  const { Invoices } = await load('invoices.ts');
  const { Fulfilment } = await load('steps.ts');
  const { Importer } = await load('importer.ts');
  app = await startHttpApp({
    url: database.url,
    controllers: [OrdersController],
    providers: [Charging, ChargesConsumer, MayCharge, Payments, Invoices, Fulfilment, Importer],
  });
  tracker = app.tracker;
  payments = app.nest.get(Payments);
});
afterAll(async () => {
  snippets.remove();
  await app?.close();
  await database?.drop();
});

const charge = (id: string, role = 'cashier') => app.post(`/orders/${id}/charge`, { amount: 10 }, { 'x-role': role });

const becomes = (kind: string, id: string, expected: object) =>
  eventually(async () => expect(await tracker.get({ kind, id })).toMatchObject(expected));

describe('the route', () => {
  test('keeps its data, answers and stores the output', async () => {
    expect(await charge('1')).toMatchObject({ status: 201, body: { receipt: 'receipt of 1' } });
    expect(await tracker.get({ kind: 'charge', id: '1' })).toMatchObject({
      data: { orderId: '1', amount: 10 },
      output: { receipt: 'receipt of 1' },
    });
    expect(payments.charged).toEqual(['charge:1']);
  });

  test('claims nothing for a request that its guard refuses', async () => {
    expect((await charge('2', 'guest')).status).toBe(403);
    expect(await tracker.get({ kind: 'charge', id: '2' })).toBeNull();
  });

  test('a failed job runs again by the consumer that shares its work', async () => {
    payments.isDown = true;
    expect((await charge('3')).status).toBe(500);
    payments.isDown = false;
    await tracker.retry({ kind: 'charge', id: '3' });
    await becomes('charge', '3', { status: 'succeeded', claims: 2, output: { receipt: 'receipt of 3' } });
  });
});

test('the provider method is tracked, its argument is its id, and a duplicate is replayed', async () => {
  const { Invoices } = await load('invoices.ts');
  const send = () => app.nest.get(Invoices).send({ id: '7', email: 'a@example.org' });
  expect(await send()).toEqual({ number: '2026-7', to: 'a@example.org', attempt: 1 });
  expect(await send()).toEqual({ number: '2026-7', to: 'a@example.org', attempt: 1 });
  expect(await tracker.get({ kind: 'invoice', id: '7' })).toMatchObject({ claims: 1 });
});

test('the account is answered without its password, the first time and replayed', async () => {
  const { AccountsController } = await load('accounts.controller.ts');
  const serializer = { provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor };
  const parts = { controllers: [AccountsController], providers: [serializer] };
  await using serializing = await startHttpApp({ url: database.url, ...parts });
  for (const _call of ['first', 'replayed']) expect((await serializing.post('/accounts/7')).body).toEqual({ id: '7' });
  expect(await tracker.get({ kind: 'open-account', id: '7' })).toMatchObject({ output: { password: 'secret' } });
});

test('the mailbox is fetched again, however often that has failed or its worker has died', async () => {
  const { Mailbox } = await load('mailbox.ts');
  await using own = await startApp({ url: database.url, providers: [Mailbox] });
  const mailbox = own.nest.get(Mailbox);
  const mails = vi.spyOn(mailbox, 'newMails').mockRejectedValue(new Error('no answer'));
  const inbox = { kind: 'fetch-mail', id: 'inbox' };
  for (let failures = 1; failures <= 5; failures++) {
    await mailbox.fetch();
    expect(await tracker.get(inbox)).toMatchObject({ status: 'failed', failures });
    await database.sql(`update job set run_at = now() where kind = 'fetch-mail'`);
  }
  const hung = Promise.withResolvers<number>();
  mails.mockReturnValue(hung.promise);
  const runs: unknown[] = [];
  for (let crashes = 0; crashes <= 4; crashes++) {
    runs.push(mailbox.fetch());
    await becomes('fetch-mail', 'inbox', { status: 'in_progress', crashes });
    await expireLease(database.sql, inbox);
  }
  mails.mockResolvedValue(2);
  expect(await mailbox.fetch()).toEqual({ fetched: 2 });
  expect(await tracker.get(inbox)).toMatchObject({ status: 'succeeded', failures: 0, crashes: 0, claims: 11 });
  hung.resolve(0);
  await Promise.all(runs);
});

test('the steps run one after the other', async () => {
  const { Fulfilment, pack } = await load('steps.ts');
  const early = await tracker.settle({ kind: pack, id: '7' }, () => ({}));
  expect(early).toMatchObject({ status: 'refused', error: { code: 'JOB_NOT_READY', waitsFor: ['reserve'] } });
  expect(await tracker.get({ kind: 'pack', id: '7' })).toBeNull();

  await app.nest.get(Fulfilment).start('7', 'chair');
  await becomes('pack', '7', { status: 'succeeded', output: { packedIn: 5 } });
});

test('the importer goes on from its checkpoint, and ignores an empty file', async () => {
  const { Importer } = await load('importer.ts');
  const { loaded } = app.nest.get(Importer);
  const aborting = vi.spyOn(AbortSignal.prototype, 'throwIfAborted').mockImplementation(() => {
    if (loaded.length === 2) throw new Error('stopped in the middle');
  });
  await tracker.register({ kind: 'import-file', id: 'long', data: { rows: 4 } });
  await becomes('import-file', 'long', { status: 'failed', checkpoint: { next: 2 } });
  aborting.mockRestore();
  await tracker.retry({ kind: 'import-file', id: 'long' });
  await becomes('import-file', 'long', { status: 'succeeded', output: { imported: 4 }, checkpoint: null });
  expect(loaded).toEqual([0, 1, 2, 3]);

  await tracker.register({ kind: 'import-file', id: 'empty', data: { rows: 0 } });
  await becomes('import-file', 'empty', { status: 'ignored', reason: 'an empty file' });
});

test('what is thrown means what classify says', async () => {
  const { notify } = await load('classified.ts');
  const { HttpException } = await import('@nestjs/common');
  const settled = (id: string, error: Error) =>
    tracker.settle({ kind: notify, id }, () => {
      throw error;
    });
  const named = (name: string) => Object.assign(new Error(name), { name });
  expect(await settled('1', new HttpException('gone', 410))).toMatchObject({ status: 'ignored', redeliver: false });
  expect(await settled('2', named('RateLimited'))).toMatchObject({ status: 'failed', redeliver: 30_000 });
  expect(await settled('3', named('Maintenance'))).toMatchObject({ status: 'pending' });
  expect(await settled('4', named('Other'))).toMatchObject({ status: 'failed' });
});
