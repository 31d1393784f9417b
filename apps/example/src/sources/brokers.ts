import { connect } from 'node:net';

/** On its standard local port, unless the environment names another place. */
const BROKERS = {
  redis: { name: 'Redis', variable: 'REDIS_URL', local: 'redis://127.0.0.1:6379' },
  rabbitmq: { name: 'RabbitMQ', variable: 'RABBITMQ_URL', local: 'amqp://guest:guest@127.0.0.1:5672' },
  nats: { name: 'NATS', variable: 'NATS_URL', local: 'nats://127.0.0.1:4222' },
  mqtt: { name: 'an MQTT broker', variable: 'MQTT_URL', local: 'mqtt://127.0.0.1:1883' },
} as const;

export type Broker = keyof typeof BROKERS;

const PATIENCE = 1_000;

export function brokerUrl(broker: Broker, env: NodeJS.ProcessEnv): string {
  return env[BROKERS[broker].variable] || BROKERS[broker].local;
}

/** Throws a sentence that says what is wanted, and where. */
export async function checkAnswers(broker: Broker, env: NodeJS.ProcessEnv): Promise<void> {
  const { name, variable, local } = BROKERS[broker];
  const { hostname, port } = new URL(brokerUrl(broker, env));
  // A URL need not name the port that everybody uses.
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || new URL(local).port) };
  if (await answers(address)) return;
  throw new Error(
    `This example needs ${name}, and at ${address.host}:${address.port} none answers. Start one there, or set ${variable} (as ${local}).`,
  );
}

function answers(address: { host: string; port: number }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(address);
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  socket.setTimeout(PATIENCE, () => resolve(false));
  return promise.finally(() => socket.destroy());
}
