// On whose instance a tracked route runs, and with which run.
import { Controller, Get, Inject, Injectable, Param, type PipeTransform, Post, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../../support/http-app.js';

@Controller('jobs')
class Jobs {
  @Get(':id/current')
  @Tracked('id', 'current')
  current(@CurrentJob() first: JobRun, @Param('id') id: string, @CurrentJob() second: JobRun) {
    return { id, key: first.idempotencyKey, same: first === second, attempt: second.job.attempts };
  }
}

@Injectable()
class Inner {
  @Tracked('id', 'inner')
  async inner(id: string) {
    return id;
  }
}

@Injectable()
class AskInner implements PipeTransform<string> {
  constructor(private readonly other: Inner) {}

  async transform(value: string) {
    return `${value}: ${await this.other.inner(undefined as never).catch((error) => error.name)}`;
  }
}

@Controller('nested')
class Nested {
  constructor(private readonly other: Inner) {}

  @Post('piped/:id')
  @Tracked((id: string) => id, 'piped')
  piped(@Param('id', AskInner) id: string) {
    return id;
  }

  @Post('again/:id')
  @Tracked('id', 'again')
  async again(@Param('id') id: string): Promise<unknown> {
    if (id.endsWith('!')) return id;
    return [await this.again(`${id}!`), await this.again(`${id}!`).catch((error) => error.name)];
  }

  @Post(':id')
  @Tracked('id', 'outer')
  async outer(@Param('id') id: string) {
    return { outer: id, inner: await this.other.inner('of the inner call') };
  }
}

abstract class Base {
  abstract readonly name: string;

  @Post(':id')
  @Tracked('id', 'inherited')
  run(@Param('id') id: string, @CurrentJob() run?: JobRun) {
    return { id, by: this.name, run: run !== undefined };
  }
}
@Controller('first')
class First extends Base {
  readonly name = 'first';
}
@Controller('second')
class Second extends Base {
  readonly name = 'second';
}
@Controller('overridden')
class Overridden extends Base {
  readonly name = 'overridden';

  @Post(':id')
  override run(id: string) {
    return { id: `not tracked ${id}`, by: this.name, run: false };
  }
}

@Controller({ path: 'per-request', scope: Scope.REQUEST })
class PerRequest {
  constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}

  @Post(':id')
  @Tracked('id', 'per-request')
  run(@Param('id') id: string) {
    return { id, user: this.request.headers['x-user'] };
  }
}

describe.each(PLATFORMS)('on %s', (_, adapter) => {
  let database: TestDatabase;
  let app: HttpApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startHttpApp({
      url: database.url,
      controllers: [Jobs, Nested, First, Second, Overridden, PerRequest],
      providers: [Inner],
      adapter: adapter(),
    });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  const countOf = (kind: string) => app.tracker.count({ kind });

  test('@CurrentJob is the run, in every place that asks for it', async () => {
    expect(await app.call('GET', '/jobs/7/current')).toMatchObject({
      status: 200,
      body: { id: '7', key: 'current:7', same: true, attempt: 1 },
    });
  });

  test('a tracked call inside a tracked route has an id of its own, never the request’s', async () => {
    expect(await app.post('/nested/1')).toMatchObject({ body: { outer: '1', inner: 'of the inner call' } });
    expect(await app.tracker.get({ kind: 'inner', id: 'of the inner call' })).toMatchObject({ status: 'succeeded' });
    expect(await countOf('inner')).toBe(1);
  });

  test('nor its answers: what is called inside throws its own errors, also the route’s own method', async () => {
    expect(await app.post('/nested/again/x')).toMatchObject({ status: 201, body: ['x!', 'JobAlreadySucceededError'] });
  });

  test('a tracked call inside a pipe is none of the route’s, either', async () => {
    expect(await app.post('/nested/piped/of-the-route')).toMatchObject({
      status: 201,
      body: 'of-the-route: InvalidJobError',
    });
    expect(await app.tracker.get({ kind: 'inner', id: 'of-the-route' })).toBeNull();
  });

  test('an inherited route runs on the instance that was called; both share the jobs of its kind', async () => {
    expect(await app.post('/first/1')).toMatchObject({ body: { id: '1', by: 'first', run: true } });
    expect(await app.post('/second/2')).toMatchObject({ body: { id: '2', by: 'second', run: true } });
    expect(await app.post('/second/1')).toMatchObject({ status: 409 });
  });

  test('an overridden one is tracked only where it says so', async () => {
    expect(await app.post('/overridden/3')).toMatchObject({ status: 201, body: { by: 'overridden' } });
    expect(await app.tracker.get({ kind: 'inherited', id: '3' })).toBeNull();
  });

  test('a controller made for each request runs on that request’s own', async () => {
    for (const user of ['ann', 'bob'])
      expect(await app.post(`/per-request/${user}`, undefined, { 'x-user': user })).toMatchObject({ body: { user } });
    expect(await countOf('per-request')).toBe(2);
  });
});
