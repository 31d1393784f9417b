import { NestFactory } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Example } from '../example.js';
import { CronsModule } from './crons.module.js';
import { night, nightlyBills } from './nightly-bills.js';
import { day } from './sweeping.js';

export const crons: Example = {
  start: ({ clientUrl }, logger) =>
    NestFactory.createApplicationContext(CronsModule.forRoot({ clientUrl }), { logger, abortOnError: false }),

  /** Nobody wants to wait for the night: both crons tick now, as on two instances at once. */
  async send(app, { say, heard }) {
    const jobs = [
      { kind: nightlyBills.kind, id: night() },
      { kind: 'sweep', id: day() },
    ];
    for (const name of ['nightly-bills', 'sweep']) {
      const cron = app.get(SchedulerRegistry).getCronJob(name);
      say(`the cron ${name} ticks twice`);
      await Promise.all([cron.fireOnTick(), cron.fireOnTick()]);
    }
    await heard(`sweep/${jobs[1]?.id} refused`);
    return jobs;
  },
};
