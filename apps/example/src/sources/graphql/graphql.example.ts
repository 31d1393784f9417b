import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Example } from '../example.js';
import { GraphqlModule } from './graphql.module.js';

const OPERATIONS = [
  'mutation ($id: String!) { placeOrder(id: $id) { id invoice } }',
  'query ($id: String!) { report(id: $id) }',
];

export const graphql: Example<NestFastifyApplication> = {
  async start({ clientUrl }, logger) {
    const module = GraphqlModule.forRoot({ clientUrl });
    const options = { logger, abortOnError: false };
    const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), options);
    await app.listen(0, '127.0.0.1');
    return app;
  },

  async send(app, { mark, say }) {
    const id = `order-${mark}`;
    const ask = async (query: string) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query, variables: { id } });
      return (await fetch(`${await app.getUrl()}/graphql`, { method: 'POST', headers, body })).json();
    };
    for (const operation of OPERATIONS) {
      say(operation, await ask(operation));
      say('the same again', await ask(operation));
    }
    return ['place', 'invoice', 'report'].map((kind) => ({ kind, id }));
  },
};
