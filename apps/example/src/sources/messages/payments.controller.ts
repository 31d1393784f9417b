import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';

export interface Payment {
  orderId: string;
  amount: number;
}

@Controller()
export class PaymentsController {
  /** Somebody waits for the answer: a duplicate gets the same one again. */
  @MessagePattern('payment.charge')
  @Tracked('orderId', { kind: 'charge', onDuplicate: 'replay' })
  async charge(@Payload() payment: Payment, @CurrentJob() run: JobRun) {
    return { receipt: `receipt of ${payment.amount} for ${run.idempotencyKey}` };
  }

  /** Nobody waits: a duplicate is skipped. */
  @EventPattern('payment.charged')
  @Tracked('orderId', { kind: 'ship', maxAttempts: 5 })
  async ship(payment: Payment) {
    return { parcel: `${payment.orderId}/1` };
  }
}
