import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { slot, Tracked } from 'nestjs-job-tracking';

export const day = slot('day');

/** Of all instances one sweeps. A day that failed is left to the next day, which sweeps the same. */
@Injectable()
export class Sweeping {
  @Cron(CronExpression.EVERY_DAY_AT_4AM, { name: 'sweep' })
  @Tracked(day, 'sweep')
  async sweep() {
    return { swept: ['carts', 'sessions'] };
  }
}
