import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  HttpException,
  Param,
  Post,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { JobAlreadySucceededError, JobTrackingError, Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppOptions } from '../../support/app.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../../support/http-app.js';

@Controller('jobs')
class Jobs {
  @Post(':id')
  @Tracked('id', 'jobs')
  run(@Param('id') id: string) {
    return id;
  }
}

/** As users write them: everything that is no HttpException is a 500. */
@Catch()
class CatchAll implements ExceptionFilter {
  static seen: unknown[] = [];

  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost) {
    CatchAll.seen.push(error);
    const status = error instanceof HttpException ? error.getStatus() : 500;
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { caught: status }, status);
  }
}

@Catch(JobTrackingError)
class OfTheLibrary implements ExceptionFilter {
  catch() {
    throw new Error('the route answers by HttpExceptions');
  }
}

const roads: [how: string, options: Partial<AppOptions>][] = [
  ['as a provider', { providers: [{ provide: APP_FILTER, useClass: CatchAll }] }],
  [
    'by useGlobalFilters',
    { prepare: (nest) => nest.useGlobalFilters(new CatchAll(nest.get(HttpAdapterHost)), new OfTheLibrary()) },
  ],
];

describe.each(PLATFORMS)('on %s', (_, adapter) => {
  describe.each(roads)('a catch-all filter of the user’s own, %s', (_how, options) => {
    let database: TestDatabase;
    let app: HttpApp;
    beforeAll(async () => {
      database = await createTestDatabase();
      app = await startHttpApp({ url: database.url, controllers: [Jobs], adapter: adapter(), ...options });
    });
    afterAll(async () => {
      await app?.close();
      await database?.drop();
    });

    test('sees an HttpException whose cause is the refusal, and answers as it does to any', async () => {
      await app.post('/jobs/1');
      CatchAll.seen = [];
      const { status, body } = await app.post('/jobs/1');
      expect({ status, body }).toEqual({ status: 409, body: { caught: 409 } });
      const [error] = CatchAll.seen as HttpException[];
      expect(error).toBeInstanceOf(HttpException);
      expect(error?.cause).toBeInstanceOf(JobAlreadySucceededError);
      expect(error?.getResponse()).toMatchObject({ statusCode: 409, code: 'JOB_ALREADY_SUCCEEDED' });
    });
  });
});
