import { type NestInterceptor, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { Input, type Kind, type Reply, registered, type Source, type Stage, type StartedSource } from '../index.js';
import { replyOf } from '../reply.js';
import { Acknowledging } from './acknowledging.js';
import { Confirming } from './confirming.js';
import { startOver, type Transport } from './transport.js';

function answering(stage: Stage, kind: Kind) {
  class Host {
    readonly stage = stage;

    @stage.handles(kind, 'id', MessagePattern(stage.named(kind.name)), UseGuards(stage.guard))
    handle(@Payload(stage.pipe) input: Input, @CurrentJob() run: JobRun) {
      return this.stage.perform(run, input);
    }
  }
  return registered(Host, kind);
}

/** Its payload is undecorated: it is the first argument, and stays it beside @CurrentJob. */
function listening(stage: Stage, kind: Kind) {
  class Host {
    readonly stage = stage;

    @stage.handles(
      kind,
      'id',
      EventPattern<string>(stage.named(kind.name)),
      UseGuards(stage.guard),
      UsePipes(stage.pipe),
    )
    handle(input: Input, @CurrentJob() run: JobRun) {
      return this.stage.perform(run, input);
    }
  }
  return registered(Host, kind);
}

export function messagesOver(transport: Transport): Source {
  return {
    name: `@MessagePattern over ${transport.name}`,
    needs: transport.needs,
    family: 'caller',
    answers: true,
    turnsAway: ['guard', 'pipe'],
    perRequest: true,
    async start(stage) {
      const replies: Promise<Reply>[] = [];
      const confirming = transport.confirms ? new Confirming() : undefined;
      const sent = {
        async beforeApplicationShutdown() {
          await Promise.all(replies);
          await confirming?.confirmed();
        },
      };
      const host = (kind: Kind) => intercepted(answering(stage, kind), confirming);
      const { client, ...rest } = await startOver(transport, stage, host, [{ provide: 'sent', useValue: sent }]);
      const send: StartedSource['send'] = (input) => {
        const reply = replyOf(() => firstValueFrom(client.send(stage.named(input.kind), input)));
        replies.push(reply);
        return reply;
      };
      return { ...rest, send };
    },
  };
}

export function eventsOver(transport: Transport): Source {
  return {
    name: `@EventPattern over ${transport.name}`,
    needs: transport.needs,
    family: 'broker',
    answers: false,
    turnsAway: ['guard', 'pipe'],
    perRequest: true,
    async start(stage) {
      const acknowledging = transport.acknowledged ? new Acknowledging() : undefined;
      const host = (kind: Kind) => intercepted(listening(stage, kind), acknowledging);
      const { client, ...rest } = await startOver(transport, stage, host);
      const send: StartedSource['send'] = async (input) => {
        const { payload, told } = acknowledging?.expect(input) ?? { payload: input, told: {} };
        await lastValueFrom(client.emit(stage.named(input.kind), payload), { defaultValue: undefined });
        return told;
      };
      return { ...rest, send };
    },
  };
}

function intercepted(host: new () => object, interceptor: NestInterceptor | undefined): new () => object {
  if (interceptor) UseInterceptors(interceptor)(host);
  return host;
}
