import { NestFactory } from '@nestjs/core';
import type { Example } from '../example.js';
import { RELEASE, today } from './rates.js';
import { TimersModule } from './timers.module.js';

export const timers: Example = {
  start: ({ clientUrl }, logger) =>
    NestFactory.createApplicationContext(TimersModule.forRoot({ clientUrl }), { logger, abortOnError: false }),

  async send(_app, { say, heard }) {
    const jobs = [
      { kind: 'rates', id: today() },
      { kind: 'warm-up', id: RELEASE },
    ];
    say('an interval and a timeout tick by themselves');
    await heard(`rates/${jobs[0]?.id} refused`);
    return jobs;
  },
};
