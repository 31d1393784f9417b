import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { PLATFORMS, startHttpApp } from '../../../support/http-app.js';
import { Input, type Kind, registered, type Source, type Stage } from '../index.js';

function controller(stage: Stage, kind: Kind) {
  class Host {
    readonly stage = stage;

    @stage.handles(kind, 'id', Post(kind.name), UseGuards(stage.guard))
    handle(@Body(stage.pipe) input: Input, @CurrentJob() run: JobRun) {
      return this.stage.perform(run, input);
    }
  }
  const Registered = registered(Host, kind);
  Controller()(Registered);
  return Registered;
}

/** One source a platform. */
export const routes = PLATFORMS.map(
  ([platform, adapter]): Source => ({
    name: `a route on ${platform}`,
    family: 'caller',
    answers: true,
    turnsAway: ['guard', 'pipe'],
    perRequest: true,
    async start(stage) {
      const controllers = stage.kinds.map((kind) => controller(stage, kind));
      const app = await startHttpApp({ ...stage.app, controllers, adapter: adapter() });
      return {
        app,
        async send(input) {
          const { status, body } = await app.post(`/${input.kind}`, input);
          return status < 300 ? { answer: body } : { error: body };
        },
      };
    },
  }),
);
