import { Injectable } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { startApp } from '../../../support/app.js';
import { type Input, type Kind, registered, type Source, type Stage } from '../index.js';

function listener(stage: Stage, kind: Kind) {
  class Host {
    readonly stage = stage;

    @stage.handles(kind, 'id', OnEvent(stage.named(kind.name)))
    handle(input: Input, @CurrentJob() run?: JobRun) {
      return this.stage.perform(run as JobRun, input);
    }
  }
  const Registered = registered(Host, kind);
  Injectable()(Registered);
  return Registered;
}

export const listeners: Source = {
  name: '@OnEvent',
  family: 'emitter',
  answers: false,
  turnsAway: [],
  perRequest: true,
  async start(stage) {
    const providers = stage.kinds.map((kind) => listener(stage, kind));
    const app = await startApp({ ...stage.app, imports: [EventEmitterModule.forRoot()], providers });
    const emitter = app.nest.get(EventEmitter2);
    return {
      app,
      async send(input) {
        await emitter.emitAsync(stage.named(input.kind), input);
        return {};
      },
    };
  },
};
