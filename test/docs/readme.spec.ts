import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import { createEmptyDatabase } from '../support/empty-database.js';
import { column, ROOT, tableOf, textOf } from './markdown.js';
import { Snippets } from './snippets.js';

describe('the example of the README', () => {
  const snippets = new Snippets('readme');
  let database: TestDatabase;
  let app: INestApplication;
  let base: string;

  beforeAll(async () => {
    database = await createEmptyDatabase(); // as a new user meets it
    vi.stubEnv('DATABASE_URL', database.url);
    const { AppModule } = await snippets.load('README.md', 'app.module.ts');
    app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0);
    base = await app.getUrl();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    snippets.remove();
    await app?.close();
    await database?.drop();
  });

  const call = async (method: string, to: string) => {
    const answer = await fetch(`${base}/${to}`, { method });
    return { status: answer.status, body: await answer.json() };
  };

  test('charges once: 201, then 409 JOB_ALREADY_SUCCEEDED', async () => {
    expect(await call('POST', 'orders/7/charge')).toEqual({ status: 201, body: { charged: '7' } });
    expect(await call('POST', 'orders/7/charge')).toMatchObject({
      status: 409,
      body: { code: 'JOB_ALREADY_SUCCEEDED' },
    });
  });

  test('lists and reads what it charged', async () => {
    expect(await call('GET', 'jobs')).toMatchObject({ body: { items: [{ kind: 'charge', id: '7' }], next: null } });
    expect(await call('GET', 'charges/7')).toMatchObject({ body: { status: 'succeeded', output: { charged: '7' } } });
  });

  test('tracks around any code, and retries', async () => {
    const { OrdersController } = await snippets.load('README.md', 'app.module.ts');
    expect(await app.get(OrdersController).ship('7')).toEqual({ shipped: '7' });
    await database.sql(
      `update job set status = 'ignored', reason = 'to be retried' where kind = 'charge' and id = '7'`,
    );
    expect(await call('POST', 'charges/7/retry')).toMatchObject({ status: 201, body: { status: 'pending' } });
    expect(await call('POST', 'orders/7/charge')).toMatchObject({ status: 201 });
  });
});

test('the README asks for what the package asks for', () => {
  const { peerDependencies, engines } = JSON.parse(
    readFileSync(path.join(ROOT, 'libs/job-tracking/package.json'), 'utf8'),
  );
  const rows = tableOf('README.md', 'Install').filter((row) => row.needs !== 'PostgreSQL');
  const asked = Object.fromEntries(column(rows, 'needs').map((name, index) => [name, column(rows, 'version')[index]]));
  expect(asked).toEqual({ 'Node.js': engines.node, ...peerDependencies });
});

test('the README starts what package.json has', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const page of ['README.md', 'CONTRIBUTING.md'])
    for (const [, named = ''] of textOf(page).matchAll(/^npm (?:run )?(\w+)/gm))
      if (named !== 'install') expect(Object.keys(scripts), `npm ${named} in ${page}`).toContain(named);
});
