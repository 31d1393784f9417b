import { Injectable } from '@nestjs/common';
import { Cron, Interval, ScheduleModule, SchedulerRegistry, Timeout } from '@nestjs/schedule';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { startApp } from '../../../support/app.js';
import { type Kind, registered, type Source, type Stage } from '../index.js';

/** How it is declared, and how it is made to tick now. */
interface Timer {
  name: string;
  decorate(name: string): MethodDecorator;
  tick(registry: SchedulerRegistry, name: string): unknown;
}

const NEW_YEAR = '0 0 0 1 1 *';
const MOMENT = 5;

const TIMERS: Timer[] = [
  {
    name: '@Cron',
    decorate: (name) => Cron(NEW_YEAR, { name }),
    tick: (registry, name) => registry.getCronJob(name).fireOnTick(),
  },
  // It ticks by itself; a tick that nobody has asked for calls nothing.
  { name: '@Interval', decorate: (name) => Interval(name, MOMENT), tick: () => undefined },
  {
    name: '@Timeout',
    decorate: (name) => Timeout(name, MOMENT),
    // Node starts a timeout that is over anew.
    tick: (registry, name) => registry.getTimeout(name).refresh(),
  },
];

function provider(stage: Stage, kind: Kind, decorate: Timer['decorate']) {
  class Host {
    readonly stage = stage;

    @stage.handles(kind, stage.calls.currentId, decorate(stage.named(kind.name)))
    handle(@CurrentJob() run?: JobRun) {
      return this.stage.perform(run as JobRun);
    }
  }
  const Registered = registered(Host, kind);
  Injectable()(Registered);
  return Registered;
}

/** One source a timer. */
export const timers = TIMERS.map(
  ({ name, decorate, tick }): Source => ({
    name,
    family: 'timer',
    answers: false,
    turnsAway: [],
    async start(stage) {
      const providers = stage.kinds.map((kind) => provider(stage, kind, decorate));
      const app = await startApp({ ...stage.app, imports: [ScheduleModule.forRoot()], providers });
      const registry = app.nest.get(SchedulerRegistry);
      return {
        app,
        async send({ kind }) {
          tick(registry, stage.named(kind));
          return {};
        },
      };
    },
  }),
);
