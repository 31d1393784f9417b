import { Injectable } from '@nestjs/common';
import { Interval, Timeout } from '@nestjs/schedule';
import { slot, Tracked } from 'nestjs-job-tracking';

export const today = slot('day');
export const RELEASE = '2026.11';

@Injectable()
export class Rates {
  /** Whichever instance ticks first in a day fetches its rates; all other ticks of that day are skipped. An hour would do: nobody wants to wait for it here. */
  @Interval('rates', 100)
  @Tracked(today, 'rates')
  async fetch() {
    return { eur: 1, usd: 1.08 };
  }

  /** Once for a release, however many instances start with it. */
  @Timeout('warm-up', 50)
  @Tracked(() => RELEASE, 'warm-up')
  async warmUp() {
    return { warmed: ['rates'] };
  }
}
