// docs/first-hour.md, done as it says: its app is started, and what it promises of it is looked at.
import { type INestApplication, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken, InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import { JobTrackerService, Tracked } from 'nestjs-job-tracking';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import { createEmptyDatabase } from '../support/empty-database.js';
import { Snippets } from './snippets.js';

const PAGE = 'docs/first-hour.md';
const snippets = new Snippets('first-hour');
afterAll(() => snippets.remove());

let database: TestDatabase;
let app: INestApplication | undefined;

beforeEach(async () => {
  database = await createEmptyDatabase();
  vi.stubEnv('DATABASE_URL', database.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await app?.close();
  app = undefined;
  await database.drop();
});

describe('the app of the first hour', () => {
  async function start() {
    const { AppModule } = await snippets.load(PAGE, 'app.module.ts');
    const { Payments } = await snippets.load(PAGE, 'payments.js');
    app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0);
    const url = `${await app.getUrl()}/orders/7/charge`;
    const post = async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: '{"amount":10}' });
      return { status: answer.status, body: (await answer.json()) as unknown };
    };
    return { post, payments: app.get<{ charged: string[]; isDown: boolean }>(Payments) };
  }

  test('charges once: 201 and the receipt, then 409 JOB_ALREADY_SUCCEEDED', async () => {
    const { post, payments } = await start();
    expect(await post()).toEqual({ status: 201, body: { receipt: 'receipt of 7' } });
    expect(await post()).toMatchObject({ status: 409, body: { code: 'JOB_ALREADY_SUCCEEDED' } });
    expect(payments.charged).toEqual(['charge:7']);
  });

  test('a payment that failed is charged by the consumer, from the data that the request brought', async () => {
    const { post, payments } = await start();
    payments.isDown = true;
    expect(await post()).toMatchObject({ status: 500 });
    payments.isDown = false;
    const tracker = (app as INestApplication).get(JobTrackerService);
    await expect
      .poll(() => tracker.get({ kind: 'charge', id: '7' }))
      .toMatchObject({ status: 'succeeded', data: { orderId: '7', amount: 10 }, output: { receipt: 'receipt of 7' } });
    expect(payments.charged).toEqual(['charge:7']);
  });
});

describe('beside TypeORM', () => {
  @Injectable()
  class Stock {
    constructor(@InjectDataSource() private readonly source: DataSource) {}

    @Tracked('item', 'reserve')
    async reserve(item: string) {
      const [row] = await this.source.query(`insert into reserved (item) values ($1) returning item`, [item]);
      return row;
    }
  }

  test('a handler writes through TypeORM, its job is kept by the one small module, and a schema sync leaves it alone', async () => {
    await database.sql('create table reserved (item text primary key)');
    const { JobTrackingDatabaseModule } = await snippets.load(PAGE, 'job-tracking-database.module.ts');

    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, entities: [], synchronize: true }),
        JobTrackingDatabaseModule,
      ],
      providers: [Stock],
    })
    class App {}

    app = await NestFactory.create(App, { logger: false });
    await app.init();
    expect(await app.get(Stock).reserve('chair')).toEqual({ item: 'chair' });
    await app.get<DataSource>(getDataSourceToken(), { strict: false }).synchronize();
    const job = await app.get(JobTrackerService).get({ kind: 'reserve', id: 'chair' });
    expect(job).toMatchObject({ status: 'succeeded', output: { item: 'chair' } });
    expect(await database.sql('select item from reserved')).toEqual([{ item: 'chair' }]);
  });
});
