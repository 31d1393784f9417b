import { getEntityManagerToken, getRepositoryToken, MikroOrmModule } from '@mikro-orm/nestjs';
import type { EntityManager, EntityRepository } from '@mikro-orm/postgresql';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Job, JobTrackerService, JobTrackingModule, Tracked } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { ormOptions } from '../../support/app.js';
import { createTestDatabase } from '../../support/database.js';
import { createEmptyDatabase } from '../../support/empty-database.js';

@Injectable()
class Works {
  @Tracked('id', 'works')
  work(id: string) {
    return id;
  }
}

describe.each<[how: string, module: () => ReturnType<typeof JobTrackingModule.forRoot>]>([
  ['forRoot', () => JobTrackingModule.forRoot({ contextName: 'jobs' })],
  ['forRootAsync', () => JobTrackingModule.forRootAsync({ contextName: 'jobs', useFactory: () => ({}) })],
])('with two MikroORM instances, by %s', (_, tracking) => {
  test('jobs are kept in the one that is named, and its repositories read them', async () => {
    const shop = await createEmptyDatabase();
    const jobs = await createTestDatabase();
    @Module({
      imports: [
        MikroOrmModule.forRoot({ ...ormOptions(shop.url), contextName: 'shop' }),
        MikroOrmModule.forRoot({ ...ormOptions(jobs.url), contextName: 'jobs' }),
        MikroOrmModule.forMiddleware(),
        tracking(),
      ],
      providers: [Works],
    })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    expect(await app.get(Works).work('1')).toBe('1');
    expect(await app.get(JobTrackerService).count({ kind: 'works' })).toBe(1);
    expect(await jobs.sql('select kind, id from job')).toEqual([{ kind: 'works', id: '1' }]);

    const em = app.get<EntityManager>(getEntityManagerToken('jobs')).fork();
    expect(await em.find(Job, {})).toMatchObject([{ kind: 'works', id: '1', status: 'succeeded' }]);
    const repository = app.get<EntityRepository<Job>>(getRepositoryToken(Job, 'jobs'), { strict: false });
    expect(await repository.getEntityManager().fork().count(Job)).toBe(1);

    // A run leaves the other context as it was.
    const seen = await app.get(JobTrackerService).track('other', () => {
      const other = app.get<EntityManager>(getEntityManagerToken('shop'));
      return other.fork().getConnection().execute('select current_database() as name');
    });
    expect(seen).toEqual([{ name: shop.name }]);
    await app.close();
    await Promise.all([shop.drop(), jobs.drop()]);
  });
});
