import { NestFactory } from '@nestjs/core';
import { connect } from 'amqplib';
import type { Example } from '../example.js';
import { AcknowledgementModule } from './acknowledgement.module.js';
import type { Payment } from './bank.js';

const queueOf = (mark: string) => `examples-payments-${mark}`;

export const acknowledgement: Example = {
  needs: 'rabbitmq',
  start: ({ clientUrl, brokerUrl, mark }, logger) =>
    NestFactory.createApplicationContext(
      AcknowledgementModule.forRoot({ clientUrl, brokerUrl, queue: queueOf(mark) }),
      { logger, abortOnError: false },
    ),

  async send(_app, { mark, brokerUrl, say, heard }) {
    const payment: Payment = { id: `payment-${mark}`, amount: 42 };
    const queue = queueOf(mark);
    const connection = await connect(brokerUrl);
    try {
      const channel = await connection.createChannel();
      const send = () => channel.sendToQueue(queue, Buffer.from(JSON.stringify(payment)));
      say(`a message of ${payment.id}`);
      send();
      await heard(`payment/${payment.id} (attempt 2, claim 2) succeeded`);
      say('the same message again');
      send();
      await heard(`payment/${payment.id} refused`);
      const { messageCount } = await channel.deleteQueue(queue); // nothing of an example shall stay in your broker
      say(`left in the queue: ${messageCount}`);
    } finally {
      await connection.close();
    }
    return [{ kind: 'payment', id: payment.id }];
  },
};
