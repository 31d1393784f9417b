import { getQueueToken } from '@nestjs/bullmq';
import { NestFactory } from '@nestjs/core';
import { type Queue, QueueEvents } from 'bullmq';
import type { Example } from '../example.js';
import type { Mail } from './mails.processor.js';
import { QueuesModule } from './queues.module.js';

export const queues: Example = {
  needs: 'redis',
  start: ({ clientUrl, brokerUrl, mark }, logger) =>
    NestFactory.createApplicationContext(QueuesModule.forRoot({ clientUrl, brokerUrl, prefix: `examples-${mark}` }), {
      logger,
      abortOnError: false,
    }),

  async send(app, { mark, say }) {
    const mail: Mail = { messageId: `mail-${mark}`, to: 'ada@example.com' };
    const queue = app.get<Queue<Mail>>(getQueueToken('mails'));
    const events = new QueueEvents('mails', { connection: queue.opts.connection, prefix: `examples-${mark}` });
    try {
      for (const what of ['a mail', 'the same mail, as another job of BullMQ']) {
        const job = await queue.add('send', mail, { attempts: 5, backoff: 1_000 });
        say(`${what} (${job.id})`, await job.waitUntilFinished(events));
      }
    } finally {
      await events.close();
      await queue.obliterate({ force: true }); // nothing of an example shall stay in your Redis
    }
    return [{ kind: 'mail', id: mail.messageId }];
  },
};
