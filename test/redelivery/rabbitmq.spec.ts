// Manual acknowledgement by what `settle` says: a poison message, a duplicate, a slow one, and a worker that is killed in the middle of one.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { missing } from '../support/brokers/answering.js';
import { consumePayments, openPaymentsQueue, PAYMENT, type Payment } from '../support/brokers/payments-queue.js';
import { startBuiltProgram } from '../support/built-program.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { brokenHistory } from '../support/history.js';

const queue = `payments-${randomBytes(4).toString('hex')}`;
const why = missing('rabbitmq');

describe.skipIf(why)(`messages of RabbitMQ${why ? ` (${why})` : ''}`, () => {
  let database: TestDatabase;
  let app: TestApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url, tracking: { worker: 'living' } });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  it('all end acknowledged, and each job comes to one outcome', async () => {
    await using payments = await openPaymentsQueue(queue);
    const killed = await startBuiltProgram('payments-worker', [database.url, queue]);
    await once(killed, 'message');
    payments.send({ id: 'victim', does: 'never ends' });
    expect(await once(killed, 'message')).toContain('victim');

    const sent: Payment[] = [
      { id: 'poison', does: 'is poison' },
      { id: 'slow', does: 'takes its time' },
      { id: 'slow', does: 'takes its time' },
      ...Array.from({ length: 20 }, (_, i): Payment => ({ id: `p${i}`, does: 'pays' })),
      { id: 'p0', does: 'pays' },
    ];
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    for (const payment of sent) payments.send(payment);
    const begun: string[] = [];
    const living = await openPaymentsQueue(queue);
    // What the dead one had begun is brought again, to a worker that can end it.
    const counts = await consumePayments(app.tracker, {
      channel: living.channel,
      queue,
      begun: (payment) => {
        begun.push(payment.id);
        if (payment.id === 'victim') payment.does = 'pays';
      },
    });

    const ids = [...new Set(['victim', ...sent.map(({ id }) => id)])];
    const open = () => app.tracker.count({ kind: PAYMENT, status: ['pending', 'in_progress', 'failed'] });
    await eventually(async () => {
      expect(await app.tracker.count({ kind: PAYMENT })).toBe(ids.length);
      expect(await open()).toBe(0);
    });
    await eventually(() => expect(counts.acknowledged).toBe(sent.length + 1));
    // What its consumer has not acknowledged would be back in the queue.
    await living[Symbol.asyncDispose]();
    expect(await payments.left()).toBe(0);
    expect(counts.broughtBack).toBeGreaterThan(0);

    expect(await app.tracker.get({ kind: PAYMENT, id: 'poison' })).toMatchObject({ status: 'ignored', attempts: 3 });
    const ended = await Promise.all(ids.map((id) => app.tracker.attempts({ kind: PAYMENT, id })));
    const outcomes = ended.map((attempts) => attempts.map(({ outcome }) => outcome).join());
    const expected = ids.map((id) => {
      if (id === 'poison') return 'failed,failed,failed';
      return id === 'victim' ? 'crashed,succeeded' : 'succeeded';
    });
    expect(outcomes).toEqual(expected);
    expect(begun.filter((id) => id === 'slow' || id === 'p0')).toHaveLength(2);
    expect(await brokenHistory(database.sql)).toEqual([]);
    await payments.channel.deleteQueue(queue);
  });
});
