import { type INestApplication, UseGuards, UsePipes } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { startApp } from '../../../support/app.js';
import { Input, type Kind, type Reply, registered, type Source, type Stage } from '../index.js';

/** Its arguments are undecorated: the client, and the message. */
function gateway(stage: Stage, kind: Kind) {
  class Host {
    readonly stage = stage;

    @stage.handles(kind, 'input.id', SubscribeMessage(kind.name), UseGuards(stage.guard), UsePipes(stage.pipe))
    handle(_client: WebSocket, input: Input, @CurrentJob() run: JobRun) {
      return this.stage.perform(run, input);
    }
  }
  const Registered = registered(Host, kind);
  WebSocketGateway({ path: `/${kind.name}` })(Registered);
  return Registered;
}

/** The first message that comes back; 'exception' is how Nest says that it failed. */
function exchange(url: string, input: Input): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const socket = new WebSocket(`${url}/${input.kind}`);
  socket.onopen = () => socket.send(JSON.stringify({ event: input.kind, data: input }));
  socket.onclose = () => reject(new Error('the socket was closed before an answer came'));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data));
    resolve(message?.event === 'exception' ? { error: message.data } : { answer: message });
  };
  return promise.finally(() => socket.close());
}

export const sockets: Source = {
  name: 'a WebSocket gateway',
  family: 'caller',
  answers: true,
  turnsAway: ['guard', 'pipe'],
  async start(stage) {
    const providers = stage.kinds.map((kind) => gateway(stage, kind));
    const prepare = (nest: INestApplication) => {
      nest.useWebSocketAdapter(new WsAdapter(nest));
    };
    const app = await startApp({ ...stage.app, providers, prepare });
    await app.nest.listen(0, '127.0.0.1');
    const url = (await app.nest.getUrl()).replace('http', 'ws');
    return { app, send: (input) => exchange(url, input) };
  },
};
