import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { Example } from '../example.js';
import type { CustomerLeft } from './customers.js';
import { EventsModule } from './events.module.js';

export const events: Example = {
  start: ({ clientUrl }, logger): Promise<INestApplicationContext> =>
    NestFactory.createApplicationContext(EventsModule.forRoot({ clientUrl }), { logger, abortOnError: false }),

  async send(app, { mark, say }) {
    const id = `customer-${mark}`;
    const event: CustomerLeft = { customer: { id, email: 'ada@example.com' } };
    const emitter = app.get(EventEmitter2);
    say(`customer.left of ${id}`, await emitter.emitAsync('customer.left', event));
    say('the same event again', await emitter.emitAsync('customer.left', event));
    return [{ kind: 'forget', id }];
  },
};
