// However an app puts its modules together, the tracker is there.
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { defineEntity, EntityManager, p } from '@mikro-orm/postgresql';
import { type DynamicModule, Inject, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Job, JobTrackerService, JobTrackingModule, type JobTrackingOptions } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ormOptions } from '../../support/app.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { thrownBy } from '../../support/thrown.js';

const CustomerSchema = defineEntity({ name: 'Customer', properties: { id: p.integer().primary(), name: p.text() } });
class Customer extends CustomerSchema.class {}
CustomerSchema.setClass(Customer);

const WORKER = Symbol('worker');
@Module({ providers: [{ provide: WORKER, useValue: 'from-config' }], exports: [WORKER] })
class ConfigModule {}

@Injectable()
class Deep {
  constructor(
    readonly tracker: JobTrackerService,
    @Inject(EntityManager) readonly em: EntityManager,
  ) {}
}
@Module({ providers: [Deep] })
class DeepModule {}
@Module({ imports: [MikroOrmModule.forFeature([Customer])] })
class CustomersModule {}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql('create table customer (id int primary key, name text not null)');
});
afterAll(() => database.drop());

type Part = DynamicModule | Promise<DynamicModule> | Type;
async function withApp(imports: Part[], check: (deep: Deep) => Promise<void>): Promise<void> {
  @Module({ imports: [DeepModule, ...imports] })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  try {
    await check(app.get(Deep, { strict: false }));
  } finally {
    await app.close();
  }
}

const listed = { entities: [Customer] };
const orms: [how: string, make: () => Part[]][] = [
  ['MikroORM by forRoot', () => [MikroOrmModule.forRoot(ormOptions(database.url, listed))]],
  [
    'MikroORM by forRootAsync',
    () => [
      MikroOrmModule.forRootAsync({
        driver: ormOptions('').driver as never,
        useFactory: () => ormOptions(database.url, listed),
      }),
    ],
  ],
  [
    'MikroORM with autoLoadEntities',
    () => [MikroOrmModule.forRoot(ormOptions(database.url, { entities: [], autoLoadEntities: true })), CustomersModule],
  ],
];
const trackings: [how: string, make: (options?: JobTrackingOptions) => Part][] = [
  ['forRoot', () => JobTrackingModule.forRoot({ worker: 'from-config' })],
  [
    'forRootAsync',
    () =>
      JobTrackingModule.forRootAsync({
        imports: [ConfigModule],
        inject: [WORKER],
        useFactory: async (worker: string) => ({ worker }),
      }),
  ],
];

describe.each(orms)('%s', (_orm, orm) => {
  describe.each(trackings)('the tracker by %s', (_tracking, tracking) => {
    test.each<[order: string, imports: () => Part[]]>([
      ['before it', () => [tracking(), ...orm()]],
      ['after it', () => [...orm(), tracking()]],
    ])('%s', async (order, imports) => {
      await withApp(imports(), async ({ tracker, em }) => {
        const id = `${_orm} ${_tracking} ${order}`;
        const worker = await tracker.track(id, async (run) => {
          // The user's own entities go on as they did, also in a run.
          em.persist(em.create(Customer, { id: Date.now() % 1_000_000_000, name: id }));
          await em.flush();
          return run.job.lease?.worker;
        });
        expect(worker).toBe('from-config');
        const fork = em.fork();
        expect(await fork.count(Customer, { name: id })).toBe(1);
        expect(await fork.findOne(Job, { kind: 'default', id })).toMatchObject({ status: 'succeeded', worker });
      });
    });
  });
});

test('options that are made at start are checked at start', async () => {
  const wrong = JobTrackingModule.forRootAsync({ useFactory: () => ({ migration: 'run' }) as never });
  const error = await thrownBy(() => withApp([orms[0]?.[1]()[0] as Part, wrong], async () => {}));
  expect(error.message).toMatch(/JobTrackingModule: unknown option 'migration', did you mean 'migrations'\?/);
});

test('an app without MikroORM is told what is missing by Nest', async () => {
  @Module({ imports: [JobTrackingModule.forRoot()] })
  class App {}
  const starting = NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  expect((await thrownBy(() => starting)).message).toMatch(/argument MikroORM at index \[0\]/);
});
