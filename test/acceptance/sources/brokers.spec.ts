// Handlers of messages.
import { describeSources } from './describe-source.js';
import { eventsOver, messagesOver } from './each/messages.js';
import { acknowledgedRabbitmq, mqtt, nats, rabbitmq, redis, tcp } from './each/transports.js';

describeSources([
  ...[tcp, nats, redis, mqtt, rabbitmq].flatMap((transport) => [messagesOver(transport), eventsOver(transport)]),
  eventsOver(acknowledgedRabbitmq),
]);
