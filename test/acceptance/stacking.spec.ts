// @Tracked among decorators of others: each does what it does alone, in whatever order they stand.
import { Transactional } from '@mikro-orm/decorators/legacy';
import { EntityManager } from '@mikro-orm/postgresql';
import { Body, type CanActivate, Controller, Injectable, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { CurrentJob, type JobRun, OpenTransactionError, Tracked } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../support/http-app.js';
import { useTrackedApp } from '../support/tracked-app.js';

describe('a transaction of MikroORM', () => {
  @Injectable()
  class Ledger {
    constructor(private readonly em: EntityManager) {}

    @Tracked('orderId', 'below')
    @Transactional()
    async below(orderId: string, fails: boolean, @CurrentJob() run?: JobRun) {
      return this.#book(orderId, fails, run);
    }

    @Transactional()
    @Tracked('orderId', 'above')
    async above(orderId: string, fails: boolean, @CurrentJob() run?: JobRun) {
      return this.#book(orderId, fails, run);
    }

    @Transactional()
    @Tracked('orderId', { kind: 'apart', insideTransaction: 'apart' })
    async apart(orderId: string, fails: boolean, @CurrentJob() run?: JobRun) {
      return this.#book(orderId, fails, run);
    }

    async #book(orderId: string, fails: boolean, run: JobRun | undefined) {
      await this.em.execute('insert into booking values (?)', [orderId]);
      if (fails) throw new Error('as planned');
      return { claim: run?.job.claims, bookedOutside: await count(orderId) };
    }
  }

  const app = useTrackedApp({ providers: [Ledger] });
  const count = async (orderId: string) =>
    (await app.sql('select 1 from booking where order_id = $1', [orderId])).length;
  beforeAll(() => app.sql('create table booking (order_id text)'));

  afterEach(() => app.sql('delete from booking'));

  test('below @Tracked: commits before the success is recorded; the id is found by the name of a parameter', async () => {
    expect(await app.app.nest.get(Ledger).below('1', false)).toEqual({ claim: 1, bookedOutside: 0 });
    expect(await count('1')).toBe(1);
    expect(await app.tracker.get({ kind: 'below', id: '1' })).toMatchObject({ status: 'succeeded' });
  });

  test('below @Tracked: is rolled back with a failure, which is recorded', async () => {
    await expect(app.app.nest.get(Ledger).below('2', true)).rejects.toThrow('as planned');
    expect(await count('2')).toBe(0);
    expect(await app.tracker.get({ kind: 'below', id: '2' })).toMatchObject({
      status: 'failed',
      error: { message: 'as planned' },
    });
  });

  test('above @Tracked: the call is refused before anything is claimed', async () => {
    await expect(app.app.nest.get(Ledger).above('3', false)).rejects.toThrow(OpenTransactionError);
    expect(await count('3')).toBe(0);
    expect(await app.tracker.get({ kind: 'above', id: '3' })).toBeNull();
  });

  test('above @Tracked that runs apart: is none of the run’s, which is recorded, and writes, apart from it', async () => {
    const ledger = app.app.nest.get(Ledger);
    expect(await ledger.apart('4', false)).toEqual({ claim: 1, bookedOutside: 1 });
    await expect(ledger.apart('5', true)).rejects.toThrow('as planned');
    expect(await count('5')).toBe(1);
    expect(await app.tracker.get({ kind: 'apart', id: '5' })).toMatchObject({ status: 'failed' });
  });
});

describe.each(PLATFORMS)('guards and descriptions for swagger on %s', (_, adapter) => {
  let guarded = 0;
  class Guard implements CanActivate {
    canActivate() {
      guarded++;
      return true;
    }
  }
  class Order {
    amount!: number;
  }
  const described: MethodDecorator[] = [
    ApiOperation({ summary: 'Pays an order' }),
    ApiBody({ schema: { type: 'object', properties: { amount: { type: 'number' } } } }),
    ApiResponse({ status: 201, description: 'paid' }),
  ];
  const inOrder =
    (...decorators: MethodDecorator[]): MethodDecorator =>
    (target, key, descriptor) => {
      for (const decorator of decorators.toReversed()) decorator(target, key, descriptor as never);
    };

  @Controller()
  class Orders {
    @inOrder(Post('above/:id'), Tracked('id', 'above'), UseGuards(Guard), ...described)
    above(@Param('id') id: string, @Body() { amount }: Order) {
      return { id, amount };
    }

    @inOrder(...described, UseGuards(Guard), Tracked('id', 'below'), Post('below/:id'))
    below(@Param('id') id: string, @Body() { amount }: Order) {
      return { id, amount };
    }

    @inOrder(Post('alone/:id'), UseGuards(Guard), ...described)
    alone(@Param('id') id: string, @Body() { amount }: Order) {
      return { id, amount };
    }
  }

  let database: TestDatabase;
  let app: HttpApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startHttpApp({ url: database.url, adapter: adapter(), controllers: [Orders] });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  beforeEach(() => {
    guarded = 0;
  });

  test.each(['above', 'below'])('a guard runs once, and the job runs once: @Tracked %s them', async (kind) => {
    expect(await app.post(`/${kind}/1`, { amount: 5 })).toMatchObject({ status: 201, body: { id: '1', amount: 5 } });
    expect(guarded).toBe(1);
    expect(await app.post(`/${kind}/1`, { amount: 5 })).toMatchObject({ status: 409 });
    expect(await app.tracker.get({ kind, id: '1' })).toMatchObject({ status: 'succeeded', claims: 1 });
  });

  test('the document describes a tracked route as it does the same route without @Tracked', () => {
    const { paths } = SwaggerModule.createDocument(app.nest, new DocumentBuilder().build());
    const of = (kind: string) => ({ ...paths[`/${kind}/{id}`]?.post, operationId: '' });
    expect(of('alone')).toMatchObject({ summary: 'Pays an order', responses: { 201: { description: 'paid' } } });
    expect(of('alone').parameters).toHaveLength(1);
    expect([of('above'), of('below')]).toEqual([of('alone'), of('alone')]);
  });
});
