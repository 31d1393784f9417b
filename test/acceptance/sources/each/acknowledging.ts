import { randomUUID } from 'node:crypto';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { type RmqContext, type RmqRecord, RmqRecordBuilder } from '@nestjs/microservices';
import { type Observable, tap } from 'rxjs';
import type { Input, Reply } from '../index.js';

/**
 * Acknowledges a message when the tracked call has come back, and gives it back to the queue when that threw. Not the handler's business: a
 * duplicate runs no handler, and what a handler acknowledges has not been recorded yet.
 */
export class Acknowledging implements NestInterceptor {
  readonly #expected = new Map<string, (told: Reply) => void>();

  expect(input: Input): { payload: RmqRecord; told: Promise<Reply> } {
    const { promise: told, resolve } = Promise.withResolvers<Reply>();
    const messageId = randomUUID();
    this.#expected.set(messageId, resolve);
    return { payload: new RmqRecordBuilder(input).setOptions({ messageId }).build(), told };
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const rmq = context.switchToRpc().getContext<RmqContext>();
    const channel = rmq.getChannelRef();
    const message = rmq.getMessage();
    const { redelivered } = message.fields as unknown as { redelivered: boolean };
    const tell = (told: Reply) => this.#expected.get(String(message.properties.messageId))?.(told);
    return next.handle().pipe(
      tap({
        // The second time it is nobody's call, and runs nothing.
        complete: () => {
          channel.ack(message);
          tell({ message: redelivered ? 'again' : 'done' });
        },
        // Once: what a pipe refuses would come back for ever.
        error: () => channel.nack(message, false, !redelivered),
      }),
    );
  }
}
