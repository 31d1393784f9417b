// What stands around a tracked route: guards, pipes, interceptors, filters, decorators of the user's own, in either order.
import {
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  Injectable,
  type NestInterceptor,
  Param,
  ParseIntPipe,
  Post,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Tracked } from 'nestjs-job-tracking';
import { map, of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../../support/http-app.js';

@Injectable()
class RefuseStrangers implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest().headers['x-user'] !== 'stranger';
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    return this.reflector.get('role', context.getHandler()) === 'clerk';
  }
}

@Injectable()
class Wrap implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((value) => ({ wrapped: value })));
  }
}

@Injectable()
class FromCache implements NestInterceptor {
  intercept() {
    return of('from the cache');
  }
}

class Teapot extends Error {}
@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch() {
    throw new HttpException('a teapot', 418);
  }
}

/** As users write them: replaces the method, and keeps what Nest noted on it. */
function Shout(): MethodDecorator {
  return (_target, _key, descriptor: PropertyDescriptor) => {
    const original = descriptor.value;
    const shouting = async function (this: unknown, ...args: unknown[]) {
      return `${await original.apply(this, args)}!`;
    };
    for (const key of Reflect.getMetadataKeys(original))
      Reflect.defineMetadata(key, Reflect.getMetadata(key, original), shouting);
    descriptor.value = shouting;
  };
}

@Controller('jobs')
class Jobs {
  @Post(':id/guarded')
  @UseGuards(RefuseStrangers)
  @Tracked('id', 'guarded')
  guarded(@Param('id', ParseIntPipe) id: number) {
    return id;
  }

  @Tracked('id', 'guarded-below')
  @UseGuards(RefuseStrangers)
  @Post(':id/guarded-below')
  guardedBelow(@Param('id', ParseIntPipe) id: number) {
    return id;
  }

  @SetMetadata('role', 'clerk')
  @UseGuards(RoleGuard)
  @Post(':id/role')
  @Tracked('id', 'role')
  role(@Param('id') id: string) {
    return id;
  }

  @Tracked('id', 'role-below')
  @SetMetadata('role', 'clerk')
  @UseGuards(RoleGuard)
  @Post(':id/role-below')
  roleBelow(@Param('id') id: string) {
    return id;
  }

  @Post(':id/wrapped')
  @UseInterceptors(Wrap)
  @Tracked('id', 'wrapped')
  wrapped(@Param('id') id: string) {
    return id;
  }

  @Tracked('id', 'wrapped-below')
  @UseInterceptors(Wrap)
  @Post(':id/wrapped-below')
  wrappedBelow(@Param('id') id: string) {
    return id;
  }

  @Post(':id/cached')
  @UseInterceptors(FromCache)
  @Tracked('id', 'cached')
  cached(@Param('id') id: string) {
    return id;
  }

  @Post(':id/shout-above')
  @Shout()
  @Tracked('id', 'shout-above')
  shoutAbove(@Param('id') id: string) {
    return id;
  }

  @Post(':id/shout-below')
  @Tracked('id', 'shout-below')
  @Shout()
  shoutBelow(@Param('id') id: string) {
    return id;
  }

  @Post(':id/teapot')
  @UseFilters(TeapotFilter)
  @Tracked('id', 'teapot')
  teapot() {
    throw new Teapot('short and stout');
  }

  @Post(':id/http-error')
  @Tracked('id', 'http-error')
  httpError() {
    throw new HttpException({ statusCode: 402, message: 'no funds' }, 402);
  }
}

describe.each(PLATFORMS)('on %s', (_, adapter) => {
  let database: TestDatabase;
  let app: HttpApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startHttpApp({
      url: database.url,
      controllers: [Jobs],
      adapter: adapter(),
    });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  const countOf = (kind: string) => app.tracker.count({ kind });

  test.each(['guarded', 'guarded-below'])('what a guard or a pipe refuses claims nothing: %s', async (kind) => {
    expect(await app.post(`/jobs/1/${kind}`, undefined, { 'x-user': 'stranger' })).toMatchObject({ status: 403 });
    expect(await app.post(`/jobs/one/${kind}`)).toMatchObject({ status: 400 });
    expect(await countOf(kind)).toBe(0);
    expect(await app.post(`/jobs/1/${kind}`)).toMatchObject({ status: 201, body: 1 });
    expect(await countOf(kind)).toBe(1);
  });

  test.each(['role', 'role-below'])('a guard that reads the handler’s metadata finds it: %s', async (kind) => {
    expect(await app.post(`/jobs/1/${kind}`)).toMatchObject({ status: 201, body: 1 });
    expect(await countOf(kind)).toBe(1);
  });

  test.each(['wrapped', 'wrapped-below'])(
    'interceptors see what the handler returned, and the job keeps it as it was: %s',
    async (kind) => {
      expect(await app.post(`/jobs/1/${kind}`)).toMatchObject({ status: 201, body: { wrapped: '1' } });
      expect(await app.tracker.get({ kind, id: '1' })).toMatchObject({ output: '1' });
    },
  );

  test('an interceptor that answers from a cache claims nothing', async () => {
    expect(await app.post('/jobs/1/cached')).toMatchObject({ status: 201, body: 'from the cache' });
    expect(await countOf('cached')).toBe(0);
  });

  test('a decorator of the user’s own above or below it', async () => {
    expect(await app.post('/jobs/a/shout-above')).toMatchObject({ status: 201, body: 'a!' });
    expect(await app.tracker.get({ kind: 'shout-above', id: 'a' })).toMatchObject({ output: 'a' });
    expect(await app.post('/jobs/a/shout-below')).toMatchObject({ status: 201, body: 'a!' });
    expect(await app.tracker.get({ kind: 'shout-below', id: 'a' })).toMatchObject({ output: 'a!' });
    for (const kind of ['shout-above', 'shout-below'])
      expect(await app.post(`/jobs/a/${kind}`)).toMatchObject({ status: 409 });
  });

  test('filters of the user’s own see the handler’s own error; an HttpException is answered as it is', async () => {
    expect(await app.post('/jobs/1/teapot')).toMatchObject({ status: 418 });
    expect(await app.tracker.get({ kind: 'teapot', id: '1' })).toMatchObject({ error: { name: 'Teapot' } });
    expect(await app.post('/jobs/1/http-error')).toMatchObject({ status: 402, body: { message: 'no funds' } });
    expect(await app.tracker.get({ kind: 'http-error', id: '1' })).toMatchObject({ status: 'failed' });
  });
});
