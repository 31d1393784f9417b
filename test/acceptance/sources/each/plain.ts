import { Injectable } from '@nestjs/common';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { startApp } from '../../../support/app.js';
import { type Input, type Kind, registered, type Source, type Stage } from '../index.js';
import { replyOf } from '../reply.js';

function provider(stage: Stage, kind: Kind) {
  class Host {
    readonly stage = stage;

    @stage.handles(kind, 'input.id')
    handle(input: Input, @CurrentJob() run?: JobRun) {
      return this.stage.perform(run as JobRun, input);
    }
  }
  const Registered = registered(Host, kind);
  Injectable()(Registered);
  return Registered;
}

export const plainMethod: Source = {
  name: 'a provider method',
  family: 'caller',
  answers: true,
  turnsAway: [],
  perRequest: true,
  async start(stage) {
    const hosts = new Map(stage.kinds.map((kind) => [kind.name, provider(stage, kind)]));
    const app = await startApp({ ...stage.app, providers: [...hosts.values()] });
    return {
      app,
      send: (input) => replyOf(async () => (await app.nest.resolve(hosts.get(input.kind) as never)).handle(input)),
    };
  },
};
