import { EntityManager } from '@mikro-orm/postgresql';
import { Job } from 'nestjs-job-tracking';
import { beforeAll, expect, test } from 'vitest';
import { holdRun } from '../../support/held-run.js';
import { expireLease } from '../../support/job-rows.js';
import { useTrackedApp } from '../../support/tracked-app.js';

const bed = useTrackedApp();

beforeAll(async () => {
  for (const statement of [
    `alter table job add column tenant_id text generated always as (data->>'tenantId') stored`,
    'alter table job add column note text',
    `alter table job_past_attempt add column reviewed boolean not null default false`,
    'create index job_of_tenant on job (tenant_id, status)',
    'create table job_log (at timestamptz default now(), kind text, id text, was text, became text)',
    `create function log_job() returns trigger language plpgsql as $$ begin
      if tg_op = 'INSERT' or old.status is distinct from new.status then
        insert into job_log (kind, id, was, became) values (new.kind, new.id, case tg_op when 'UPDATE' then old.status end, new.status);
      end if;
      return new;
    end $$`,
    'create trigger job_log after insert or update on job for each row execute function log_job()',
  ])
    await bed.sql(statement);
});

test('a column, an index and a trigger of the user’s own: everything works, and they see what happens', async () => {
  const { tracker, sql } = bed;
  const data = { tenantId: 'acme' };
  await tracker.registerMany(['a', 'b', 'c', 'd'].map((id) => ({ kind: 'mine', id, data })));
  await sql(`update job set note = 'urgent' where id = 'a'`);

  await tracker.settle({ kind: 'mine', id: 'a' }, () => Promise.reject(new Error('boom')));
  await tracker.track({ kind: 'mine', id: 'a' }, async (run) => {
    await run.checkpoint(1);
    run.set({ data: { tenantId: 'other' } });
  });
  const dead = await holdRun(tracker, { kind: 'mine', id: 'b' });
  await expireLease(sql, { kind: 'mine', id: 'b' });
  await tracker.consume('mine', (run) => run.job.crashes).drain();
  await dead.succeed();
  await tracker.track({ kind: 'mine', id: 'e', data }, () => 1);
  await tracker.register({ kind: 'mine', id: 'f', data });
  await tracker.ignore({ kind: 'mine', id: 'f' }, 'no');
  await tracker.retry({ kind: 'mine', id: 'f' });
  await tracker.retryMany({ kind: 'mine', ids: ['e'] }, { rerun: true });
  await tracker.remove({ kind: 'mine', id: 'd' });

  expect(await sql('select id, status, tenant_id, note from job order by id')).toEqual([
    { id: 'a', status: 'succeeded', tenant_id: 'other', note: 'urgent' },
    { id: 'b', status: 'succeeded', tenant_id: 'acme', note: null },
    { id: 'c', status: 'succeeded', tenant_id: 'acme', note: null },
    { id: 'e', status: 'pending', tenant_id: 'acme', note: null },
    { id: 'f', status: 'pending', tenant_id: 'acme', note: null },
  ]);
  const logged = await sql<{ became: string }>(`select became from job_log where id = 'a' order by at`);
  expect(logged.map(({ became }) => became)).toEqual(['pending', 'in_progress', 'failed', 'in_progress', 'succeeded']);
  expect(await sql('select id, outcome, reviewed from job_past_attempt order by id')).toEqual([
    { id: 'a', outcome: 'failed', reviewed: false },
    { id: 'b', outcome: 'crashed', reviewed: false },
  ]);
});

test('snapshots and entities hold what they always held', async () => {
  const snapshot = await bed.tracker.get({ kind: 'mine', id: 'a' });
  const job = await bed.app.nest.get(EntityManager).fork().findOneOrFail(Job, { kind: 'mine', id: 'a' });
  for (const read of [snapshot, job]) {
    expect(read).not.toHaveProperty('note');
    expect(read).not.toHaveProperty('tenant_id');
  }
});
