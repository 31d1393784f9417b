// A call that is made inside an open transaction of its MikroORM context: refused, or apart from it.
import { Transactional } from '@mikro-orm/decorators/legacy';
import { defineEntity, EntityManager, p } from '@mikro-orm/postgresql';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  Param,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import { type JobTrackerService, JobTrackingError, OpenTransactionError, Tracked } from 'nestjs-job-tracking';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type HttpApp, startHttpApp } from '../../support/http-app.js';

const NoteSchema = defineEntity({ name: 'Note', properties: { id: p.text().primary(), text: p.text() } });
class Note extends NoteSchema.class {}
NoteSchema.setClass(Note);

@Injectable()
class InTransaction implements NestInterceptor {
  constructor(@Inject(EntityManager) private readonly em: EntityManager) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.em.transactional(() => lastValueFrom(next.handle())));
  }
}

let ran: string[];

@Controller()
class Notes {
  constructor(@Inject(EntityManager) readonly em: EntityManager) {}

  @Post('notes/:id')
  @UseInterceptors(InTransaction)
  @Tracked('id', 'route')
  route(@Param('id') id: string) {
    ran.push(id);
  }

  @Tracked('id', 'inner')
  async inner(id: string) {
    return this.write(id);
  }

  @Tracked('id', { kind: 'inner-apart', insideTransaction: 'apart' })
  async innerApart(id: string) {
    return this.write(id);
  }

  @Transactional()
  async outer(id: string, inner: (id: string) => Promise<unknown>) {
    this.em.persist(this.em.create(Note, { id: `${id} of the caller`, text: 'pending' }));
    const shared = await this.em.findOneOrFail(Note, 'shared');
    shared.text = `draft of ${id}`;
    await inner(id);
    throw new Error('the caller rolls back');
  }

  async write(id: string): Promise<string> {
    ran.push(id);
    this.em.persist(this.em.create(Note, { id, text: 'of the run' }));
    await this.em.flush();
    return (await this.em.findOneOrFail(Note, 'shared')).text;
  }
}

let database: TestDatabase;
let app: HttpApp;
let notes: Notes;
let tracker: JobTrackerService;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql('create table note (id text primary key, text text not null)');
  app = await startHttpApp({ url: database.url, controllers: [Notes], orm: { entities: [Note] } });
  notes = app.nest.get(Notes);
  tracker = app.tracker;
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});
beforeEach(async () => {
  ran = [];
  await database.sql(`delete from note; delete from job; insert into note values ('shared', 'first')`);
});
const stored = async () =>
  (await database.sql<{ id: string; text: string }>('select * from note order by id')).map(
    ({ id, text }) => `${id}: ${text}`,
  );
const jobs = async () => (await database.sql<{ id: string }>('select id from job')).map(({ id }) => id);
const inContext = <T>(work: () => Promise<T>) =>
  lastValueFrom(from(app.nest.get(EntityManager).fork().transactional(work)));

describe('refused', () => {
  test.each<[name: string, call: () => Promise<unknown>]>([
    ['a tracked method', () => notes.outer('1', (id) => notes.inner(id))],
    ['track', () => notes.outer('1', (id) => tracker.track(id, () => ran.push(id)))],
    ['settle, which tells everything else', () => notes.outer('1', (id) => tracker.settle(id, () => ran.push(id)))],
    ['consume', () => notes.outer('1', async (id) => tracker.consume(id, () => ran.push(id)))],
    [
      'a duplicate that would be replayed',
      () => notes.outer('1', (id) => tracker.track(id, () => '', { onDuplicate: 'replay' })),
    ],
  ])('%s inside @Transactional: nothing is claimed, nothing runs, nothing of the caller stays', async (_, call) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenTransactionError);
    expect(error).toBeInstanceOf(JobTrackingError);
    expect(error).toMatchObject({
      code: 'OPEN_TRANSACTION',
      message: expect.stringContaining("insideTransaction: 'apart'"),
    });
    expect([ran, await jobs(), await stored()]).toEqual([[], [], ['shared: first']]);
  });

  test('a route below an interceptor that opens a transaction: 500 with the code', async () => {
    expect(await app.post('/notes/7')).toMatchObject({
      status: 500,
      body: { statusCode: 500, code: 'OPEN_TRANSACTION' },
    });
    expect([ran, await jobs()]).toEqual([[], []]);
  });

  test('a call in a savepoint, and one in a transaction that was begun by hand', async () => {
    const em = app.nest.get(EntityManager).fork();
    const inSavepoint = em.transactional((outer) => outer.transactional(() => tracker.track('1', () => '')));
    await expect(inSavepoint).rejects.toThrow(OpenTransactionError);
    const byHand = tracker.track('1', async () => {
      await notes.em.begin();
      try {
        return await tracker.track('2', () => '');
      } finally {
        await notes.em.rollback();
      }
    });
    await expect(byHand).rejects.toThrow(OpenTransactionError);
  });

  test('a call in a transaction of the handler: a run inside a run is not refused, as long as the handler has none open', async () => {
    const nested = tracker.track('1', () => notes.em.transactional(() => tracker.track('2', () => '')));
    await expect(nested).rejects.toThrow(OpenTransactionError);
    expect(await tracker.get('1')).toMatchObject({ status: 'failed', error: { name: 'OpenTransactionError' } });
    expect(await tracker.track('3', () => tracker.track('4', () => 'ran'))).toBe('ran');
  });

  test.each([
    ['has committed', 'commit' as const],
    ['has rolled back', 'rollback' as const],
  ])('no call that goes on after the transaction that started it %s', async (_, ending) => {
    const over = Promise.withResolvers<void>();
    let later: Promise<string> | undefined;
    const transaction = inContext(async () => {
      notes.em.persist(notes.em.create(Note, { id: 'a of the caller', text: 'pending' }));
      later = over.promise.then(() => tracker.track('1', () => notes.write('1')));
      if (ending === 'rollback') throw new Error('as planned');
    });
    await transaction.catch(() => {});
    over.resolve();
    expect(await later).toBe('first');
    expect(await stored()).toContain('1: of the run');
  });

  test('bad input is told first', async () => {
    await expect(inContext(() => tracker.track('', () => ''))).rejects.toMatchObject({ code: 'INVALID_JOB' });
  });
});

describe('apart', () => {
  test('what the run writes stays, what the caller has pending or has changed does not, and the run sees none of it', async () => {
    let seen: unknown;
    const call = notes.outer('1', async (id) => {
      seen = await notes.innerApart(id);
    });
    await expect(call).rejects.toThrow('the caller rolls back');
    expect(seen).toBe('first');
    expect(await stored()).toEqual(['1: of the run', 'shared: first']);
    expect(await tracker.get({ kind: 'inner-apart', id: '1' })).toMatchObject({ status: 'succeeded', output: 'first' });
  });

  test('the caller keeps what it has pending, and commits it itself', async () => {
    await inContext(async () => {
      notes.em.persist(notes.em.create(Note, { id: 'a of the caller', text: 'pending' }));
      await tracker.track('1', () => notes.write('1'), { insideTransaction: 'apart' });
      expect(await stored()).toEqual(['1: of the run', 'shared: first']);
    });
    expect(await stored()).toEqual(['1: of the run', 'a of the caller: pending', 'shared: first']);
  });

  test('a consumer that was started in a transaction runs its jobs apart from it, also when it has ended', async () => {
    await tracker.registerMany(['1', '2'].map((id) => ({ kind: 'consumed', id })));
    const consumer = await inContext(async () => {
      notes.em.persist(notes.em.create(Note, { id: 'a of the caller', text: 'pending' }));
      return tracker.consume('consumed', (run) => notes.write(run.job.id), { insideTransaction: 'apart' });
    });
    await consumer.drain();
    expect(consumer.counts.succeeded).toBe(2);
    expect(await stored()).toEqual(['1: of the run', '2: of the run', 'a of the caller: pending', 'shared: first']);
  });
});
