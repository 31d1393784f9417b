import type { AddressInfo, Server } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';
import { Transport as NestTransport, type RedisOptions } from '@nestjs/microservices';
import type { Redis } from 'ioredis';
import type { MqttClient } from 'mqtt';
import { urlOf } from '../../../support/brokers/brokers.js';
import { redisOptions } from '../../../support/brokers/redis-options.js';
import type { Stage } from '../index.js';
import type { Transport } from './transport.js';

export const tcp: Transport = {
  name: 'TCP',
  options: () => ({ transport: NestTransport.TCP, options: { host: '127.0.0.1', port: 0 } }),
  client: (_stage, server) => ({
    transport: NestTransport.TCP,
    options: { host: '127.0.0.1', port: ((server as Server).address() as AddressInfo).port },
  }),
};

export const nats: Transport = {
  name: 'NATS',
  needs: 'nats',
  options: () => ({ transport: NestTransport.NATS, options: { servers: [urlOf('nats')] } }),
  subscribed: (server) => (server as NatsConnection).flush(),
};

export const redis: Transport = {
  name: 'Redis',
  needs: 'redis',
  options: () => ({ transport: NestTransport.REDIS, options: redisOptions() as RedisOptions['options'] }),
  // Answered in the order in which they were sent.
  subscribed: (server) => (server as [pub: Redis, sub: Redis])[1].ping(),
};

export const mqtt: Transport = {
  name: 'MQTT',
  needs: 'mqtt',
  options: () => ({ transport: NestTransport.MQTT, options: { url: urlOf('mqtt') } }),
  subscribed: (server) => (server as MqttClient).subscribeAsync('sources-are-subscribed'),
};

const queue = (stage: Stage) => ({
  urls: [urlOf('rabbitmq')],
  queue: stage.named('queue'),
  // Gone with its last consumer.
  queueOptions: { autoDelete: true },
});

/** As it is unless one asks for more: a message is forgotten as it is delivered. */
export const rabbitmq: Transport = {
  name: 'RabbitMQ',
  needs: 'rabbitmq',
  options: (stage) => ({ transport: NestTransport.RMQ, options: queue(stage) }),
  confirms: true,
};

export const acknowledgedRabbitmq: Transport = {
  ...rabbitmq,
  name: 'RabbitMQ, acknowledged',
  options: (stage) => ({ transport: NestTransport.RMQ, options: { ...queue(stage), noAck: false } }),
  client: rabbitmq.options,
  acknowledged: true,
};
