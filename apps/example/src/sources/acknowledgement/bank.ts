import { Injectable } from '@nestjs/common';

export interface Payment {
  id: string;
  amount: number;
}

/** Of those that are away when they are asked for the first time. */
@Injectable()
export class Bank {
  readonly #asked = new Set<string>();

  async transfer({ amount }: Payment, idempotencyKey: string): Promise<{ transferred: number }> {
    if (this.#asked.has(idempotencyKey)) return { transferred: amount };
    this.#asked.add(idempotencyKey);
    throw new Error('the bank does not answer');
  }
}
