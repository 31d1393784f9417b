import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { Tracked } from 'nestjs-job-tracking';

export interface CustomerLeft {
  customer: { id: string; email: string };
}

@Injectable()
export class Customers {
  /** An event that comes twice is skipped the second time. */
  @OnEvent('customer.left')
  @Tracked('customer.id', { kind: 'forget', maxAttempts: 5 })
  async forget({ customer }: CustomerLeft) {
    return { forgotten: customer.email.replace(/^[^@]*/, '***') };
  }
}
