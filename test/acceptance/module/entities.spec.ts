// Job and JobAttempt as MikroORM entities: reads, joins and relations.
import { getRepositoryToken } from '@mikro-orm/nestjs';
import { defineEntity, EntityManager, type EntityRepository, p } from '@mikro-orm/postgresql';
import { Job, JobAttempt } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../support/app.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { useTrackedApp } from '../../support/tracked-app.js';

const OrderSchema = defineEntity({
  name: 'CustomerOrder',
  properties: {
    id: p.text().primary(),
    job: () => p.manyToOne(Job).joinColumns('job_kind', 'job_id').createForeignKeyConstraint(false),
  },
});
class CustomerOrder extends OrderSchema.class {}
OrderSchema.setClass(CustomerOrder);

describe('reads', () => {
  const bed = useTrackedApp({ tracking: { worker: 'w' } });
  const em = () => bed.app.nest.get(EntityManager).fork();

  test('a job has every column of its snapshot, dates as Date, JSON parsed, counts as numbers', async () => {
    await bed.tracker.settle({ kind: 'read', id: '1', data: { a: [1] }, priority: 2, maxAttempts: 9 }, async (run) => {
      await run.checkpoint({ page: 1 });
      throw new Error('boom');
    });
    const snapshot = await bed.tracker.get({ kind: 'read', id: '1' });
    const job = await em().findOneOrFail(Job, { kind: 'read', id: '1' });
    const { lease: _lease, progress: _progress, ...columns } = snapshot ?? {};
    expect(job).toMatchObject({ ...columns, outcome: 'failed', expiresAt: null, worker: 'w' });
    expect(job.claims).toBe(1);
  });

  test('conditions, order, paging and counts', async () => {
    await bed.tracker.registerMany(
      Array.from({ length: 5 }, (_, i) => ({ kind: 'query', id: String(i), priority: i })),
    );
    await bed.tracker.track({ kind: 'query', id: '4' }, () => 1);
    const found = await em().find(
      Job,
      { kind: 'query', status: 'pending', priority: { $gte: 1 } },
      { orderBy: { priority: 'desc' }, limit: 2 },
    );
    expect(found.map(({ id }) => id)).toEqual(['3', '2']);
    expect(await em().count(Job, { kind: 'query', updatedAt: { $lte: new Date() } })).toBe(5);
  });

  test('attempts are one list: history, the last one, and the running one', async () => {
    const job = { kind: 'attempts', id: '1' };
    await bed.tracker.settle(job, () => Promise.reject(new Error('boom')));
    await bed.tracker.track(job, async () => {
      const attempts = await em().find(JobAttempt, job, { orderBy: { claim: 'asc' } });
      expect(attempts).toMatchObject([
        { claim: 1, attempt: 1, outcome: 'failed', error: { message: 'boom' }, endedAt: expect.any(Date) },
        { claim: 2, attempt: 2, outcome: null, error: null, endedAt: null },
      ]);
    });
  });

  test('repositories are provided', async () => {
    for (const entity of [Job, JobAttempt]) {
      const token = getRepositoryToken(entity as typeof Job);
      const repository = bed.app.nest.get<EntityRepository<Job>>(token, { strict: false });
      expect(repository.getEntityName()).toBe(entity.name);
    }
  });

  test('writing through them goes round the promise, and is refused', async () => {
    await bed.tracker.register({ kind: 'written', id: '1' });
    const fork = em();
    const job = await fork.findOneOrFail(Job, { kind: 'written', id: '1' });
    Object.assign(job, { status: 'succeeded' });
    await fork.flush();
    expect(await bed.tracker.get({ kind: 'written', id: '1' })).toMatchObject({ status: 'pending' });
  });
});

describe.each<[what: string, entities: unknown[], schema: string | undefined]>([
  ['known by the relation alone', [CustomerOrder], undefined],
  ['listed by the user too', [CustomerOrder, Job, JobAttempt], undefined],
  ['known by the relation alone, in a schema', [CustomerOrder], 'jobs'],
  ['listed by the user too, in a schema', [CustomerOrder, Job, JobAttempt], 'jobs'],
])('a relation of the user’s own entity to a job by (kind, id), Job %s', (_, entities, schema) => {
  let database: TestDatabase;
  let app: TestApp;
  beforeAll(async () => {
    database = await (schema ? createEmptyDatabase() : createTestDatabase());
    await database.sql('create table customer_order (id text primary key, job_kind text, job_id text)');
    const orm = { entities: entities as never[] };
    app = await startApp({ url: database.url, orm, tracking: { migrations: 'run', ...(schema && { schema }) } });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  test('joins and populates', async () => {
    await app.tracker.track({ kind: 'ship', id: '1' }, () => 'sent');
    await app.tracker.settle({ kind: 'ship', id: '2' }, () => Promise.reject(new Error('boom')));
    const em = app.nest.get(EntityManager).fork();
    for (const id of ['1', '2', '3']) em.create(CustomerOrder, { id, job: em.getReference(Job, ['ship', id]) });
    await em.flush();
    em.clear();
    const failed = await em.find(CustomerOrder, { job: { status: 'failed' } }, { populate: ['job'] });
    expect(failed.map(({ id }) => id)).toEqual(['2']);
    expect(failed[0]?.job).toMatchObject({ status: 'failed', error: { message: 'boom' } });
    expect(await em.count(JobAttempt, { kind: 'ship' })).toBe(2);
  });
});
