import { EntityManager } from '@mikro-orm/postgresql';
import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  Catch,
  Controller,
  type ExecutionContext,
  type HttpException,
  Injectable,
  type NestInterceptor,
  Param,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core';
import * as library from 'nestjs-job-tracking';
import { CurrentJob, defineJob, JobRefusedError, type JobRun, JobTrackingError, Tracked } from 'nestjs-job-tracking';
import { from, lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { type Answer, type HttpApp, startHttpApp } from '../support/http-app.js';
import { blocksOf, column, tableOf } from './markdown.js';

const documented = tableOf('docs/errors.md');

/** In the library's own words: what it exports that is thrown. */
const exported = Object.values<unknown>(library).filter(
  (value): value is new () => JobTrackingError =>
    typeof value === 'function' && value.prototype instanceof JobTrackingError && value !== JobRefusedError,
);

test('the table has every error class, by the code that its name makes', () => {
  expect(column(documented, 'class').sort()).toEqual(exported.map(({ name }) => name).sort());
  for (const row of documented)
    expect(row.code).toBe(
      (row.class ?? '')
        .replace(/Error$/, '')
        .replace(/(?!^)[A-Z]/g, '_$&')
        .toUpperCase(),
    );
});

@Injectable()
class InTransaction implements NestInterceptor {
  constructor(private readonly em: EntityManager) {}

  intercept(_context: ExecutionContext, next: CallHandler) {
    return from(this.em.transactional(() => lastValueFrom(next.handle())));
  }
}

const step = defineJob('step');
const held = Promise.withResolvers<void>();

@Controller()
class Refusing {
  @Post('JOB_NOT_FOUND/:id') @Tracked('id', { kind: 'missing', onMissing: 'refuse' }) notFound() {}
  @Post('JOB_LOCKED/:id') @Tracked('id', 'locked') locked() {}
  @Post('JOB_ALREADY_SUCCEEDED/:id') @Tracked('id', 'succeeded') succeeded() {}
  @Post('JOB_IGNORED/:id') @Tracked('id', 'ignored') ignored() {}
  @Post('JOB_NOT_READY/:id') @Tracked('id', { kind: 'not-ready', after: step }) notReady() {}
  @Post('JOB_NOT_DUE/:id') @Tracked('id', 'not-due') notDue(@CurrentJob() run: JobRun) {
    return run.snooze('90s');
  }
  @Post('JOB_MISMATCH/:id')
  @Tracked((id: string, data: unknown) => ({ id, data }), { kind: 'mismatch', onDuplicate: 'replay' })
  mismatch(@Param('id') _id: string, @Body() _body: unknown) {}
  @Post('LEASE_LOST/:id') @Tracked('id', 'lost') async lost(@CurrentJob() run: JobRun) {
    await app.tracker.release({ kind: 'lost', id: run.job.id });
  }
  @Post('JOB_TIMEOUT/:id') @Tracked('id', { kind: 'timeout', timeout: '20ms' }) timeout(@CurrentJob() run: JobRun) {
    return new Promise((resolve) => run.signal.addEventListener('abort', resolve));
  }
  @Post('JOB_INTERRUPTED/:id') @Tracked('id', 'interrupted') interrupted() {}
  @Post('STORE_UNAVAILABLE/:id') @Tracked('id', 'unavailable') unavailable() {}
  @Post('OPEN_TRANSACTION/:id') @UseInterceptors(InTransaction) @Tracked('id', 'transaction') transaction() {}
  @Post('INVALID_JOB/:id') @Tracked('body.order.id', 'invalid-job') invalid() {}
  @Post('INVALID_OPTIONS/:id') @Tracked((() => ({ id: '1', dta: 1 })) as never, 'invalid-options') options() {}
}

let caught: unknown;

@Catch()
class Catching extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost) {
    caught = (error as HttpException).cause ?? error;
    super.catch(error, host);
  }
}

let database: TestDatabase;
let app: HttpApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await serve(database.url);
});
afterAll(async () => {
  held.resolve();
  await app?.close();
  await database?.drop();
});

function serve(url: string): Promise<HttpApp> {
  const filter = { provide: APP_FILTER, useClass: Catching };
  return startHttpApp({ url, controllers: [Refusing], providers: [filter], tracking: { grace: '5s' } });
}

/** A call that meets the error, each. */
const met: Record<string, () => Promise<Answer>> = {
  JOB_NOT_FOUND: () => app.post('/JOB_NOT_FOUND/1'),
  JOB_LOCKED: async () => {
    await holding(app, 'locked', '1');
    return app.post('/JOB_LOCKED/1');
  },
  JOB_ALREADY_SUCCEEDED: async () => {
    await app.tracker.track({ kind: 'succeeded', id: '1' }, () => 'done');
    return app.post('/JOB_ALREADY_SUCCEEDED/1');
  },
  JOB_IGNORED: async () => {
    await app.tracker.register({ kind: 'ignored', id: '1' });
    await app.tracker.ignore({ kind: 'ignored', id: '1' }, 'not wanted');
    return app.post('/JOB_IGNORED/1');
  },
  JOB_NOT_READY: () => app.post('/JOB_NOT_READY/1'),
  JOB_NOT_DUE: () => app.post('/JOB_NOT_DUE/1'),
  JOB_MISMATCH: async () => {
    await app.tracker.register({ kind: 'mismatch', id: '1', data: { amount: 1 } });
    return app.post('/JOB_MISMATCH/1', { amount: 2 });
  },
  LEASE_LOST: () => app.post('/LEASE_LOST/1'),
  JOB_TIMEOUT: () => app.post('/JOB_TIMEOUT/1'),
  JOB_INTERRUPTED: async () => {
    const other = await serve(database.url);
    const ended = await holding(other, 'going', '1');
    const closing = other.close();
    const answer = await other.post('/JOB_INTERRUPTED/1');
    ended.resolve();
    await closing;
    return answer;
  },
  STORE_UNAVAILABLE: async () => {
    await using proxy = await startFaultProxy(database.url);
    await using other = await serve(proxy.url);
    proxy.cutOff();
    return await other.post('/STORE_UNAVAILABLE/1');
  },
  OPEN_TRANSACTION: () => app.post('/OPEN_TRANSACTION/1'),
  INVALID_JOB: () => app.post('/INVALID_JOB/1'),
  INVALID_OPTIONS: () => app.post('/INVALID_OPTIONS/1'),
};

async function holding({ tracker }: HttpApp, kind: string, id: string) {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const work = async () => {
    begun.resolve();
    await Promise.race([ended.promise, held.promise]);
  };
  tracker.track({ kind, id }, work).catch(() => {});
  await begun.promise;
  return ended;
}

test.each(documented)(
  '$class is answered by a route, and has its fields, as documented',
  async (row) => {
    const { status, headers, body } = await (met[row.code ?? ''] as () => Promise<Answer>)();
    const retryAfter = headers.get('Retry-After');
    const told = { statusCode: status, code: row.code, message: expect.any(String) };
    const waits = retryAfter === null ? 'no' : 'yes';
    expect({ status, waits }).toEqual({ status: Number(row.HTTP), waits: row['Retry-After'] });
    if (row.code === 'INVALID_OPTIONS') expect(body).toEqual({ statusCode: 500, message: 'Internal server error' });
    else expect(body).toEqual(retryAfter === null ? told : { ...told, retryAfter: Number(retryAfter) });

    expect(caught).toBeInstanceOf(exported.find(({ name }) => name === row.class));
    const { name, code, cause, job, final, retryAfter: _, ...fields } = Object.assign({}, caught as JobRefusedError);
    expect({ name, code }).toEqual({ name: row.class, code: row.code });
    expect(Object.keys(fields).join()).toBe((row.fields ?? '').replaceAll(/[` ]/g, ''));
    expect(caught instanceof JobRefusedError ? (final ? 'yes' : 'no') : '').toBe(row.final);
  },
  30_000,
);

test('the body that the page shows is a body that is answered', async () => {
  const [shown] = blocksOf('docs/errors.md').filter(({ language }) => language === 'json');
  const example = JSON.parse(shown?.code ?? '');
  await holding(app, 'locked', '2');
  const { body } = await app.post('/JOB_LOCKED/2');
  expect(Object.keys(example)).toEqual(Object.keys(body as object));
  expect(example.message.replace('charge/7', 'locked/2')).toBe((body as { message: string }).message);
});
