// Consumes payments from RabbitMQ until it is killed; says which it has begun.
import { startApp } from '../support/app.js';
import { consumePayments, openPaymentsQueue } from '../support/brokers/payments-queue.js';

process.once('disconnect', () => process.exit()); // the test is gone

const [url = '', queue = ''] = process.argv.slice(2);
const { tracker } = await startApp({ url, tracking: { worker: 'killed' } });
const { channel } = await openPaymentsQueue(queue);
await consumePayments(tracker, { channel, queue, begun: (payment) => process.send?.(payment.id) });
process.send?.('consuming');
