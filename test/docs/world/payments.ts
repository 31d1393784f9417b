import { Injectable } from '@nestjs/common';

/** A payment service that the documentation's handlers call; the tests let it fail. */
@Injectable()
export class Payments {
  readonly charged: string[] = [];
  isDown = false;

  async charge({ orderId }: { orderId: string; amount: number }, { idempotencyKey }: { idempotencyKey: string }) {
    if (this.isDown) throw new Error('the payment service is down');
    this.charged.push(idempotencyKey);
    return { receipt: `receipt of ${orderId}` };
  }
}
