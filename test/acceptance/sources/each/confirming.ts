import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { RmqContext } from '@nestjs/microservices';
import type { Observable } from 'rxjs';

/**
 * Knows the channel by which RabbitMQ gets the replies. Nest sends them without waiting: one that RabbitMQ has not confirmed when the channel is closed
 * would be a rejection that nobody handles.
 */
export class Confirming implements NestInterceptor {
  #channel: { waitForConfirms(): Promise<void> } | undefined;

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.#channel = context.switchToRpc().getContext<RmqContext>().getChannelRef();
    return next.handle();
  }

  async confirmed(): Promise<void> {
    await this.#channel?.waitForConfirms();
  }
}
