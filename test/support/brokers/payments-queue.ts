import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import type { JobTrackerService } from 'nestjs-job-tracking';
import { urlOf } from './brokers.js';

export const PAYMENT = 'payment';
const LEASE = 500;
const POLICY = { lease: LEASE, maxAttempts: 3, backoff: 50 };

export interface Payment {
  id: string;
  does: 'pays' | 'is poison' | 'takes its time' | 'never ends';
}

export interface PaymentsQueue extends AsyncDisposable {
  channel: Channel;
  send(payment: Payment): void;
  /** How many are in the queue; those that a living consumer has not acknowledged are not. */
  left(): Promise<number>;
}

export async function openPaymentsQueue(queue: string): Promise<PaymentsQueue> {
  const connection: ChannelModel = await connect(urlOf('rabbitmq'));
  const channel = await connection.createChannel();
  await channel.assertQueue(queue);
  return {
    channel,
    send: (payment) => void channel.sendToQueue(queue, Buffer.from(JSON.stringify(payment))),
    left: async () => (await channel.checkQueue(queue)).messageCount,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** A consumer with manual acknowledgement, as the docs have it: what `settle` says decides whether the message is done with, or comes again. */
export async function consumePayments(
  tracker: JobTrackerService,
  { channel, queue, begun }: { channel: Channel; queue: string; begun(payment: Payment): void },
): Promise<{ acknowledged: number; broughtBack: number }> {
  const counts = { acknowledged: 0, broughtBack: 0 };
  const handle = async (message: ConsumeMessage) => {
    const payment: Payment = JSON.parse(message.content.toString());
    const { redeliver } = await tracker.settle(
      { kind: PAYMENT, id: payment.id, data: payment },
      async () => {
        begun(payment);
        if (payment.does === 'is poison') throw new Error('cannot be paid');
        if (payment.does === 'takes its time') await sleep(2 * LEASE);
        if (payment.does === 'never ends') await new Promise(() => {});
        return { paid: payment.id };
      },
      POLICY,
    );
    if (redeliver === false) {
      channel.ack(message);
      counts.acknowledged++;
    } else {
      await sleep(redeliver);
      channel.nack(message);
      counts.broughtBack++;
    }
  };
  await channel.prefetch(20);
  await channel.consume(queue, (message) => {
    if (message) handle(message).catch(() => channel.nack(message)); // the database was away: nothing is known of the job
  });
  return counts;
}
