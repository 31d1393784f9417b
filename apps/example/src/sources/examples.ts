import { acknowledgement } from './acknowledgement/acknowledgement.example.js';
import { commands } from './commands/commands.example.js';
import { crons } from './crons/crons.example.js';
import { events } from './events/events.example.js';
import type { Example } from './example.js';
import { graphql } from './graphql/graphql.example.js';
import { messages } from './messages/messages.example.js';
import { TRANSPORTS } from './messages/transports.js';
import { queues } from './queues/queues.example.js';
import { sockets } from './sockets/sockets.example.js';
import { streams } from './streams/streams.example.js';
import { timers } from './timers/timers.example.js';

/** By the name that the command line knows. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  messages: messages(TRANSPORTS.tcp),
  'messages-rabbitmq': messages(TRANSPORTS.rabbitmq, 'rabbitmq'),
  'messages-nats': messages(TRANSPORTS.nats, 'nats'),
  'messages-redis': messages(TRANSPORTS.redis, 'redis'),
  'messages-mqtt': messages(TRANSPORTS.mqtt, 'mqtt'),
  events,
  crons,
  timers,
  queues,
  graphql,
  sockets,
  commands,
  streams,
  acknowledgement,
};
