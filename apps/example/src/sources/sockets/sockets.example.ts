import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import type { Example } from '../example.js';
import type { Order } from './orders.gateway.js';
import { SocketsModule } from './sockets.module.js';

export const sockets: Example<INestApplication> = {
  async start({ clientUrl }, logger) {
    const app = await NestFactory.create(SocketsModule.forRoot({ clientUrl }), { logger, abortOnError: false });
    app.useWebSocketAdapter(new WsAdapter(app));
    await app.listen(0, '127.0.0.1');
    return app;
  },

  async send(app, { mark, say }) {
    const order: Order = { id: `order-${mark}`, sku: 'A-42' };
    const url = (await app.getUrl()).replace('http', 'ws');
    say(`place ${order.id}`, await answerTo(`${url}/orders`, order));
    say('the same by another connection', await answerTo(`${url}/orders`, order));
    return [{ kind: 'place', id: order.id }];
  },
};

function answerTo(url: string, order: Order): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(JSON.stringify({ event: 'place', data: order }));
  socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)));
  socket.onclose = () => reject(new Error('the socket was closed before an answer came'));
  return promise.finally(() => socket.close());
}
