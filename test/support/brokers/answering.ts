import { connect } from 'node:net';
import { addressOf, BROKERS, type Broker, urlOf } from './brokers.js';

const PATIENCE = 500;

function answers(broker: Broker): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(addressOf(broker));
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  socket.setTimeout(PATIENCE, () => resolve(false));
  return promise.finally(() => socket.destroy());
}

const names = Object.keys(BROKERS) as Broker[];
const answering = new Map(
  await Promise.all(names.map(async (broker) => [broker, await answers(broker)] as [Broker, boolean])),
);

/** Why what needs this broker cannot be tried here, asked once, as the file is collected; undefined: it answers. */
export function missing(broker: Broker | undefined): string | undefined {
  if (broker === undefined || answering.get(broker)) return undefined;
  const { name, variable } = BROKERS[broker];
  const { host, port } = addressOf(broker);
  return `no ${name} at ${host}:${port}${urlOf(broker) === BROKERS[broker].local ? `, nor is there a ${variable}` : ''}`;
}
