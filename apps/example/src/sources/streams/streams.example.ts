import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Example } from '../example.js';
import { Archive } from './archive.js';
import { StreamsModule } from './streams.module.js';

export const streams: Example<INestApplication> = {
  async start({ clientUrl }, logger) {
    const app = await NestFactory.create(StreamsModule.forRoot({ clientUrl }), { logger, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    return app;
  },

  async send(app, { mark, say, heard }) {
    const id = `export-${mark}`;
    const read = async (path: string) => (await fetch(`${await app.getUrl()}/exports/${id}/${path}`)).text();
    say('server-sent events', await read('events'));
    await heard(`export-events/${id} (attempt 1, claim 1) succeeded`);
    say('the same again, which is refused', await read('events'));

    say('a file', await read('rows.csv'));
    // Its reader may be through before its outcome is recorded.
    await heard(`export-rows/${id} (attempt 1, claim 1) succeeded`);
    say('the same again, which runs again', await read('rows.csv'));
    await heard(`export-rows/${id} (attempt 2, claim 2) succeeded`);

    for await (const page of app.get(Archive).pages(id)) say('an async generator', page);
    return ['export-events', 'export-rows', 'export-pages'].map((kind) => ({ kind, id }));
  },
};
