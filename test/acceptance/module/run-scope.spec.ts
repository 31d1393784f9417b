// What a handler finds in the EntityManager that it injects, and what it does not share with anybody.
import { defineEntity, EntityManager, p } from '@mikro-orm/postgresql';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Inject,
  Injectable,
  Param,
  Post,
  Req,
  UseGuards,
} from '@nestjs/common';
import { JobTrackerService, Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type HttpApp, startHttpApp } from '../../support/http-app.js';

const AccountSchema = defineEntity({
  name: 'Account',
  properties: { id: p.text().primary(), balance: p.integer() },
});
class Account extends AccountSchema.class {}
AccountSchema.setClass(Account);

@Injectable()
class LoadAccount implements CanActivate {
  constructor(@Inject(EntityManager) private readonly em: EntityManager) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest();
    request.account = await this.em.findOneOrFail(Account, request.params.id);
    return true;
  }
}

@Controller('accounts')
class Accounts {
  constructor(
    @Inject(EntityManager) private readonly em: EntityManager,
    private readonly tracker: JobTrackerService,
  ) {}

  @Post(':id/loaded')
  @UseGuards(LoadAccount)
  @Tracked('id', 'loaded')
  async loaded(@Req() { account }: { account: Account }) {
    account.balance += 1;
    await this.em.flush();
    return account.balance;
  }

  @Post(':id/rolled-back')
  async rolledBack(@Param('id') id: string) {
    const inner = await this.em
      .transactional(async (em) => {
        em.create(Account, { id: `${id}-outer`, balance: 0 });
        await em.flush();
        const work = async () => {
          this.em.create(Account, { id: `${id}-inner`, balance: 0 });
          await this.em.flush();
          return 'kept';
        };
        const output = await this.tracker.track({ kind: 'inner', id }, work, { insideTransaction: 'apart' });
        throw Object.assign(new Error('no'), { output });
      })
      .catch((error) => error.output);
    return { inner };
  }
}

let database: TestDatabase;
let app: HttpApp;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql('create table account (id text primary key, balance int not null)');
  await database.sql(`insert into account values ('a', 1)`);
  const orm = { entities: [Account], registerRequestContext: true };
  app = await startHttpApp({ url: database.url, controllers: [Accounts], orm });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});
const ids = async () => (await database.sql<{ id: string }>('select id from account order by id')).map(({ id }) => id);

test('what a guard has loaded may be changed and flushed', async () => {
  expect(await app.post('/accounts/a/loaded')).toMatchObject({ status: 201, body: 2 });
  expect(await database.sql(`select balance from account where id = 'a'`)).toEqual([{ balance: 2 }]);
});

test('a run that is let run inside a caller’s open transaction is recorded apart from it, and so is what it flushes', async () => {
  expect(await app.post('/accounts/b/rolled-back')).toMatchObject({ body: { inner: 'kept' } });
  expect(await ids()).toEqual(['a', 'b-inner']);
  expect(await app.tracker.get({ kind: 'inner', id: 'b' })).toMatchObject({ status: 'succeeded', output: 'kept' });
});

test('two runs at once flush what is theirs', async () => {
  const em = app.nest.get(EntityManager);
  const both = Promise.withResolvers<void>();
  let entered = 0;
  const work = (id: string, fails: boolean) => async () => {
    em.create(Account, { id, balance: 0 });
    if (++entered === 2) both.resolve();
    await both.promise;
    if (fails) throw new Error('before its flush');
    await em.flush();
  };
  await Promise.all([
    app.tracker.settle({ kind: 'at-once', id: 'kept' }, work('kept', false)),
    app.tracker.settle({ kind: 'at-once', id: 'dropped' }, work('dropped', true)),
  ]);
  expect(await ids()).toEqual(['a', 'b-inner', 'kept']);
});

test('no transaction is open, and no connection waits, while a handler runs', async () => {
  const busy = () =>
    database.sql(
      `select state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
    );
  expect(await app.tracker.track({ kind: 'quiet', id: '1' }, busy)).toEqual([]);
});
