import { Controller, type INestApplication, type Provider } from '@nestjs/common';
import {
  type ClientOptions,
  type ClientProxy,
  ClientProxyFactory,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { startApp } from '../../../support/app.js';
import type { Broker } from '../../../support/brokers/brokers.js';
import type { Kind, Stage, StartedSource } from '../index.js';

/** What carries messages between processes. */
export interface Transport {
  name: string;
  needs?: Broker;
  /** Of the server, and of a client unless `client` says otherwise. */
  options(stage: Stage): MicroserviceOptions;
  client?(stage: Stage, server: unknown): MicroserviceOptions;
  /** Until what the server subscribes has come through. */
  subscribed?(server: unknown): Promise<unknown>;
  /** Brings a message until it is acknowledged. */
  acknowledged?: boolean;
  /** Tells that it has got a reply. */
  confirms?: boolean;
}

/** An app that hears the transport, with a controller a kind, and a client of the same. */
export async function startOver(
  { options, client: clientOptions, subscribed }: Transport,
  stage: Stage,
  host: (kind: Kind) => new () => object,
  providers: Provider[] = [],
): Promise<Omit<StartedSource, 'send'> & { client: ClientProxy }> {
  const controllers = stage.kinds.map((kind) => {
    const Registered = host(kind);
    Controller()(Registered);
    return Registered;
  });
  const prepare = (nest: INestApplication) => {
    nest.connectMicroservice(options(stage));
  };
  const app = await startApp({ ...stage.app, controllers, providers, prepare });
  await app.nest.startAllMicroservices();
  const server: unknown = app.nest.getMicroservices()[0]?.unwrap();
  await subscribed?.(server);
  const client = ClientProxyFactory.create((clientOptions?.(stage, server) ?? options(stage)) as ClientOptions);
  await client.connect();
  return {
    app,
    client,
    cleanUp: async () => client.close(),
  };
}
