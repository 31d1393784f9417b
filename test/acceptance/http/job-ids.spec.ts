// Where a route's job id comes from: its own arguments after their pipes, then the payload by path, or the place that is pinned.
import {
  Body,
  Controller,
  Get,
  Headers,
  Injectable,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Query,
} from '@nestjs/common';
import { jobId, Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../../support/http-app.js';

@Injectable()
class Upper implements PipeTransform<string, string> {
  transform(value: string): string {
    return value.toUpperCase();
  }
}
interface Order {
  id: string;
  customer: { id: string };
}

@Controller()
class Ids {
  @Post('piped/:orderId')
  @Tracked('orderId', 'piped')
  piped(@Param('orderId', ParseIntPipe) orderId: number) {
    return { orderId };
  }

  @Post('renamed/:orderId')
  @Tracked('orderId', 'renamed')
  renamed(@Param('orderId', Upper) anything: string) {
    return anything;
  }

  @Post('by-name/:wrong')
  @Tracked('sku', 'by-name')
  byName(@Param('wrong') sku: string) {
    return sku;
  }

  @Post('decorator-first/:b')
  @Tracked('b', 'decorator-first')
  decoratorFirst(@Query('a') b: string, @Param('b') a: string) {
    return { b, a };
  }

  @Post('body')
  @Tracked('customer.id', 'body')
  body(@Body() order: Order) {
    return order;
  }

  @Post('parameter-path')
  @Tracked('order.customer.id', 'parameter-path')
  parameterPath(@Body() order: Order) {
    return order;
  }

  @Post('nothing-taken/:id')
  @Tracked('id', 'nothing-taken')
  nothingTaken() {
    return 'nothing';
  }

  @Post('pinned/body/:id')
  @Tracked('body.id', 'pinned-body')
  pinnedBody(@Param('id') id: string) {
    return id;
  }

  @Post('pinned/params/:id')
  @Tracked('params.id', 'pinned-params')
  pinnedParams(@Body('id') id: string) {
    return id;
  }

  @Post('pinned/params-piped/:id')
  @Tracked('params.id', 'pinned-params-piped')
  pinnedPiped(@Param('id', Upper) id: string) {
    return id;
  }

  @Post('pinned/query')
  @Tracked('query.id', 'pinned-query')
  pinnedQuery(@Body() body: Order) {
    return body;
  }

  @Post('pinned/headers')
  @Tracked('headers.Idempotency-Key', 'pinned-headers')
  pinnedHeaders(@Headers('idempotency-key') key: string) {
    return key;
  }

  @Post('pinned/headers-untaken')
  @Tracked('headers.Idempotency-Key', 'pinned-headers-untaken')
  headersUntaken() {
    return 'ok';
  }

  @Post('function/:id')
  @Tracked((id: number, order: Order) => ({ id: `${id}-${order.customer.id}`, data: order, priority: 7 }), 'function')
  byFunction(@Param('id', ParseIntPipe) _id: number, @Body() order: Order) {
    return order.id;
  }

  @Post('function-later')
  @Tracked((order: Order) => ({ id: order.id, runAt: new Date('2100-01-01') }), 'function-later')
  later(@Body() order: Order) {
    return order.id;
  }

  @Post('function-text')
  @Tracked((order: Order) => order.id, 'function-text')
  functionText(@Body() order: Order) {
    return order.id;
  }

  @Post('function-slip')
  @Tracked((order: Order) => ({ id: order.id, prioriti: 7 }) as never, 'function-slip')
  functionSlip(@Body() order: Order) {
    return order.id;
  }

  @Post('function-throws')
  @Tracked(() => {
    throw new RangeError('no such order');
  }, 'function-throws')
  functionThrows() {}

  @Get('query')
  @Tracked('page', 'query')
  query(@Query() query: { page: string }) {
    return query;
  }

  @Post('inherited')
  @Tracked('constructor.name', 'inherited')
  inherited(@Body() body: object) {
    return body;
  }

  @Post('composed/:user')
  @Tracked((user: string, key: string) => jobId(user, key), { kind: 'composed', onDuplicate: 'replay' })
  composed(@Param('user') user: string, @Headers('idempotency-key') _key: string, @Body() body: { amount: number }) {
    return { user, amount: body.amount };
  }

  @Post('number')
  @Tracked('id', 'number')
  number(@Body() body: { id: number }) {
    return body;
  }
}

describe.each(PLATFORMS)('on %s', (_, adapter) => {
  let database: TestDatabase;
  let app: HttpApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startHttpApp({ url: database.url, controllers: [Ids], adapter: adapter() });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  const order: Order = { id: 'o-1', customer: { id: 'c-1' } };
  const idsOf = async (kind: string) => (await app.tracker.list({ kind })).items.map(({ id }) => id);

  test('an argument after its pipes: 07 and 7 are one job', async () => {
    expect(await app.post('/piped/07')).toMatchObject({ status: 201, body: { orderId: 7 } });
    expect(await app.post('/piped/7')).toMatchObject({ status: 409 });
    expect(await idsOf('piped')).toEqual(['7']);
  });

  test('by the name in its parameter decorator, whatever the parameter’s own name', async () => {
    await app.post('/renamed/abc');
    expect(await idsOf('renamed')).toEqual(['ABC']);
  });

  test('else by the parameter’s own name', async () => {
    await app.post('/by-name/x');
    expect(await idsOf('by-name')).toEqual(['x']);
  });

  test('the decorator’s name goes before another parameter of that name', async () => {
    await app.post('/decorator-first/from-param?a=from-query');
    expect(await idsOf('decorator-first')).toEqual(['from-param']);
  });

  test('a path into the body, with and without the parameter’s name', async () => {
    await app.post('/body', order);
    await app.post('/parameter-path', order);
    expect([await idsOf('body'), await idsOf('parameter-path')]).toEqual([['c-1'], ['c-1']]);
  });

  test('of what the handler does not take, the request’s own', async () => {
    await app.post('/nothing-taken/9');
    expect(await idsOf('nothing-taken')).toEqual(['9']);
  });

  test('pinned to its place: body, params, query, headers in any case', async () => {
    await app.post('/pinned/body/param', { id: 'body' });
    await app.post('/pinned/params/param', { id: 'body' });
    await app.post('/pinned/params-piped/param');
    await app.post('/pinned/query?id=query', { id: 'body', query: { id: 'nested' } });
    await app.post('/pinned/headers', undefined, { 'Idempotency-Key': 'header' });
    await app.post('/pinned/headers-untaken', undefined, { 'idempotency-key': 'header' });
    for (const [kind, id] of [
      ['pinned-body', 'body'],
      ['pinned-params', 'param'],
      ['pinned-params-piped', 'PARAM'],
      ['pinned-query', 'query'],
      ['pinned-headers', 'header'],
      ['pinned-headers-untaken', 'header'],
    ] as const)
      expect(await idsOf(kind)).toEqual([id]);
  });

  test('a function of the arguments after their pipes, which may give data, a priority and a time', async () => {
    expect(await app.post('/function/007', order)).toMatchObject({ status: 201 });
    const job = await app.tracker.get({ kind: 'function', id: '7-c-1' });
    expect(job).toMatchObject({ data: order, priority: 7, output: 'o-1' });
    expect(await app.post('/function-later', order)).toMatchObject({ status: 409, body: { code: 'JOB_NOT_DUE' } });
    expect(await app.post('/function-text', order)).toMatchObject({ status: 201 });
    expect(await idsOf('function-text')).toEqual(['o-1']);
  });

  test('a function that throws is an error of the app’s own; one that gives a key too many is told so by name', async () => {
    expect(await app.post('/function-throws')).toMatchObject({ status: 500 });
    expect(await app.post('/function-slip', order)).toMatchObject({ status: 500 });
    expect(await idsOf('function-slip')).toEqual([]);
  });

  test('an id put together of a header that is missing is refused: no later request is answered by an earlier one', async () => {
    for (const amount of [1, 2])
      expect(await app.post('/composed/5', { amount })).toMatchObject({
        status: 400,
        body: { code: 'INVALID_JOB', message: expect.stringContaining('id[1]') },
      });
    expect(await idsOf('composed')).toEqual([]);
    const keyed = (user: string, key: string) =>
      app.post(`/composed/${user}`, { amount: 3 }, { 'Idempotency-Key': key });
    for (const [user, key] of [
      ['5', 'a:b'],
      ['5:a', 'b'],
    ] as const)
      expect(await keyed(user, key)).toMatchObject({ status: 201, body: { user } });
    expect((await idsOf('composed')).sort()).toEqual([jobId('5', 'a:b'), jobId('5:a', 'b')].sort());
  });

  test('a whole number is its text, wherever it comes from', async () => {
    await app.post('/number', { id: 7 });
    expect(await idsOf('number')).toEqual(['7']);
    expect(await app.call('GET', '/query?page=2')).toMatchObject({ status: 200 });
    expect(await idsOf('query')).toEqual(['2']);
  });

  test.each([
    ['/body', {}, 'customer.id'],
    ['/body', { customer: {} }, 'customer.id'],
    ['/body', { customer: { id: null } }, 'customer.id'],
    ['/body', { customer: 'c-1' }, 'customer.id'],
    ['/parameter-path', { id: 'o-1' }, 'order.customer.id'],
    ['/pinned/body/1', {}, 'body.id'],
    ['/pinned/query', { id: 'body' }, 'query.id'],
    ['/pinned/headers', undefined, 'headers.Idempotency-Key'],
    ['/number', {}, 'id'],
    ['/number', { id: 1.5 }, 'id'],
    ['/number', { id: '' }, 'id'],
    ['/number', { id: { $ne: 1 } }, 'id'],
    ['/number', { id: ['1'] }, 'id'],
    ['/number', { id: 'x'.repeat(513) }, 'id'],
    ['/number', { id: 'a\0b' }, 'id'],
    ['/function-text', {}, 'id'],
  ])('a missing or malformed id is 400, names its field, and claims nothing: %s %j', async (path, body, field) => {
    const before = await app.tracker.count();
    const answer = await app.post(path, body);
    expect(answer).toMatchObject({ status: 400, body: { statusCode: 400, code: 'INVALID_JOB' } });
    expect((answer.body as { message: string }).message).toContain(field);
    // The app's classes are no client's business.
    expect((answer.body as { message: string }).message).not.toContain('Ids');
    expect(await app.tracker.count()).toBe(before);
  });

  test('what every object inherits is nobody’s id', async () => {
    expect(await app.post('/body', JSON.parse('{"customer":{"__proto__":{"id":"x"}}}'))).toMatchObject({ status: 400 });
    expect(await app.post('/inherited', {})).toMatchObject({ status: 400, body: { code: 'INVALID_JOB' } });
  });
});
