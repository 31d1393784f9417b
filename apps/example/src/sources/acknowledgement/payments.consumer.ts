import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { JobTrackerService, StoreUnavailableError } from 'nestjs-job-tracking';
import { Bank, type Payment } from './bank.js';
import { PaymentsOptions } from './payments.options.js';

/** How long to leave a message of whose job nothing is known, as its database is away. */
const AWAY = 1_000;

/** Acknowledges a message when its job is done with, and else brings it back when its backoff has passed. */
@Injectable()
export class PaymentsConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #connection: ChannelModel | undefined;
  readonly #closing = new AbortController();

  constructor(
    private readonly tracker: JobTrackerService,
    private readonly bank: Bank,
    private readonly options: PaymentsOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#connection = await connect(this.options.brokerUrl);
    const channel = await this.#connection.createChannel();
    await channel.assertQueue(this.options.queue);
    await channel.prefetch(20);
    await channel.consume(this.options.queue, (message) => message && this.#handle(channel, message));
  }

  /** The tracker has ended its runs by now. What is not acknowledged comes again, to whoever consumes then. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await this.#connection?.close();
  }

  async #handle(channel: Channel, message: ConsumeMessage): Promise<void> {
    try {
      const redeliver = await this.#pay(JSON.parse(message.content.toString()));
      if (redeliver === false) channel.ack(message);
      else await this.#bringBack(channel, message, redeliver);
    } catch (error) {
      if (error instanceof StoreUnavailableError) await this.#bringBack(channel, message, AWAY);
      else if (!this.#closing.signal.aborted) channel.reject(message, false); // malformed, and will not get better
    }
  }

  async #pay(payment: Payment): Promise<number | false> {
    const { redeliver } = await this.tracker.settle(
      { kind: 'payment', id: payment.id, data: payment },
      (run) => this.bank.transfer(payment, run.idempotencyKey),
      { maxAttempts: 5, backoff: '200ms' },
    );
    return redeliver;
  }

  #bringBack(channel: Channel, message: ConsumeMessage, after: number): Promise<void> {
    const { signal } = this.#closing;
    return sleep(after, undefined, { signal }).then(
      () => channel.nack(message),
      () => {},
    );
  }
}
