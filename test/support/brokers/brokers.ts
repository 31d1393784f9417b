/** What must answer somewhere for some sources to be tried: on its standard local port, unless the environment names another place. */
export const BROKERS = {
  redis: { name: 'Redis', variable: 'REDIS_URL', local: 'redis://127.0.0.1:6379' },
  rabbitmq: { name: 'RabbitMQ', variable: 'RABBITMQ_URL', local: 'amqp://guest:guest@127.0.0.1:5672' },
  nats: { name: 'NATS', variable: 'NATS_URL', local: 'nats://127.0.0.1:4222' },
  mqtt: { name: 'MQTT', variable: 'MQTT_URL', local: 'mqtt://127.0.0.1:1883' },
} as const;

export type Broker = keyof typeof BROKERS;

export function urlOf(broker: Broker): string {
  const { variable, local } = BROKERS[broker];
  return process.env[variable] || local;
}

/** A URL need not name the port that everybody uses. */
export function addressOf(broker: Broker): { host: string; port: number } {
  const { hostname, port } = new URL(urlOf(broker));
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || new URL(BROKERS[broker].local).port) };
}
