import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import type { Places } from '../example.js';
import { redisConnection } from '../redis-connection.js';

/** The handlers are the same over each of them. */
export const TRANSPORTS = {
  /** Port 0 is a free one. */
  tcp: (_: Places, port: number): MicroserviceOptions => ({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port },
  }),
  rabbitmq: ({ brokerUrl, mark }: Places): MicroserviceOptions => ({
    transport: Transport.RMQ,
    // Gone with its last consumer: nothing of an example shall stay in your broker.
    options: { urls: [brokerUrl], queue: `payments-${mark}`, queueOptions: { autoDelete: true } },
  }),
  nats: ({ brokerUrl }: Places): MicroserviceOptions => ({
    transport: Transport.NATS,
    options: { servers: [brokerUrl] },
  }),
  redis: ({ brokerUrl }: Places): MicroserviceOptions => ({
    transport: Transport.REDIS,
    options: redisConnection(brokerUrl),
  }),
  mqtt: ({ brokerUrl }: Places): MicroserviceOptions => ({
    transport: Transport.MQTT,
    options: { url: brokerUrl },
  }),
};
