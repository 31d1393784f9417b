import { type AddressInfo, Server } from 'node:net';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ClientOptions, ClientProxyFactory, type MicroserviceOptions } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { Broker } from '../brokers.js';
import type { Example, Places } from '../example.js';
import { MessagesModule } from './messages.module.js';
import type { Payment } from './payments.controller.js';

/** One module over any transport. */
export function messages(
  over: (places: Places, port: number) => MicroserviceOptions,
  needs?: Broker,
): Example<INestMicroservice> {
  return {
    ...(needs && { needs }),
    async start(places, logger) {
      const module = MessagesModule.forRoot(places);
      const app = await NestFactory.createMicroservice(module, { ...over(places, 0), logger, abortOnError: false });
      await app.listen();
      return app;
    },

    async send(app, sender) {
      const { mark, say, heard } = sender;
      const payment: Payment = { orderId: `order-${mark}`, amount: 42 };
      const client = ClientProxyFactory.create(over(sender, portOf(app)) as ClientOptions);
      try {
        const charge = () => lastValueFrom(client.send('payment.charge', payment));
        const charged = () => lastValueFrom(client.emit('payment.charged', payment), { defaultValue: undefined });
        say('payment.charge', await charge());
        say('payment.charge again', await charge());
        say('payment.charged, and again');
        await charged();
        await heard(`ship/${payment.orderId} (attempt 1, claim 1) succeeded`);
        await charged();
        await heard(`ship/${payment.orderId} refused`);
      } finally {
        await client.close();
      }
      return ['charge', 'ship'].map((kind) => ({ kind, id: payment.orderId }));
    },
  };
}

function portOf(app: INestMicroservice): number {
  const server = app.unwrap<unknown>();
  return server instanceof Server ? (server.address() as AddressInfo).port : 0;
}
