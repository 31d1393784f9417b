// @Tracked on methods of plain providers: no request, no pipes.
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CurrentJob,
  defineJob,
  InvalidJobError,
  InvalidOptionsError,
  JobAlreadySucceededError,
  JobLockedError,
  JobMismatchError,
  type JobRun,
  Tracked,
} from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const invoice = defineJob<{ total: number }, string>('invoice', { onDuplicate: 'replay' });

@Injectable()
class Billing {
  readonly sent: string[] = [];
  entered = () => {};
  gate: Promise<void> = Promise.resolve();

  @Tracked('orderId', 'by-name')
  byName(_customer: string, orderId: number, @CurrentJob() run?: JobRun) {
    return `${run?.job.kind}/${run?.job.id}: ${orderId}`;
  }

  @Tracked('order.id', 'by-path')
  async byPath(order: { id: string }, note = 'a, (b)', /* a comment, with (brackets) */ ..._more: unknown[]) {
    return `${order.id} ${note}`;
  }

  @Tracked('id', 'in-object')
  inObject(_first: string, { id }: { id: string }) {
    return id;
  }

  @Tracked('id', { kind: 'skips', onDuplicate: 'skip' })
  async skips(id: string) {
    this.sent.push(id);
    this.entered();
    await this.gate;
    return `sent ${id}`;
  }

  @Tracked((id: string, total: number) => ({ id, data: { total } }), invoice)
  async invoice(id: string, total: number) {
    this.sent.push(id);
    return `${id}: ${total}`;
  }

  @Tracked('id')
  unnamed(id: string) {
    return id;
  }

  @Tracked('id', 'throws')
  throws(id: string) {
    throw new TypeError(`the printer is on fire, page ${id}`);
  }

  twoOfThem(id: string) {
    return Promise.all([this.byName('', Number(id)), this.skips(id)]);
  }
}

const bed = useTrackedApp({ providers: [Billing] });
const billing = () => bed.app.nest.get(Billing);

test('the id is the parameter of that name; the run comes by @CurrentJob, given or not', async () => {
  expect(await billing().byName('ann', 7)).toBe('by-name/7: 7');
  expect(await bed.tracker.get({ kind: 'by-name', id: '7' })).toMatchObject({ status: 'succeeded' });
});

test('or a path into a parameter, past defaults and comments', async () => {
  expect(await billing().byPath({ id: 'o-1' })).toBe('o-1 a, (b)');
  expect(await bed.tracker.get({ kind: 'by-path', id: 'o-1' })).toMatchObject({ status: 'succeeded' });
});

test('or a property of whichever argument has it', async () => {
  expect(await billing().inObject('first', { id: 'o-2' })).toBe('o-2');
  expect(await bed.tracker.get({ kind: 'in-object', id: 'o-2' })).toMatchObject({ status: 'succeeded' });
});

test('what an argument only inherits is nobody’s id', async () => {
  await thrownBy(() => billing().inObject('first', Object.create({ id: 'inherited' })), InvalidJobError);
});

test('an id that is missing is InvalidJobError that names the source; the method does not run', async () => {
  const error = await thrownBy(() => billing().byPath({} as never), InvalidJobError);
  expect(error.field).toBe('order.id');
  await thrownBy(() => billing().skips(undefined as never), InvalidJobError);
  expect(billing().sent).toEqual([]);
});

test('without a kind it is of the kind default', async () => {
  await billing().unnamed('plain');
  expect(await bed.tracker.get('plain')).toMatchObject({ kind: 'default', output: 'plain' });
  await thrownBy(() => billing().unnamed('plain'), JobAlreadySucceededError);
});

test('what it throws reaches its caller, the very error', async () => {
  const error = await thrownBy(() => billing().throws('1') as never, TypeError);
  expect(error.message).toBe('the printer is on fire, page 1');
  expect(await bed.tracker.get({ kind: 'throws', id: '1' })).toMatchObject({
    status: 'failed',
    error: { name: 'TypeError' },
  });
});

test('skip: a duplicate of a job that succeeded or runs is answered by nothing, and runs nothing', async () => {
  const end = Promise.withResolvers<void>();
  billing().gate = end.promise;
  const entered = new Promise<void>((resolve) => {
    billing().entered = resolve;
  });
  const first = billing().skips('s-1');
  await entered;
  expect(await billing().skips('s-1')).toBeUndefined();
  end.resolve();
  expect(await first).toBe('sent s-1');
  expect(await billing().skips('s-1')).toBeUndefined();
  expect(billing().sent).toEqual(['s-1']);
});

test('skip: an ignored job is refused all the same', async () => {
  await bed.tracker.register({ kind: 'skips', id: 'ignored' });
  await bed.tracker.ignore({ kind: 'skips', id: 'ignored' }, 'no');
  expect(await thrownBy(() => billing().skips('ignored'))).toMatchObject({ code: 'JOB_IGNORED' });
});

test('replay and the data that its id function gives', async () => {
  expect(await billing().invoice('i-1', 10)).toBe('i-1: 10');
  expect(await billing().invoice('i-1', 10)).toBe('i-1: 10');
  await thrownBy(() => billing().invoice('i-1', 11), JobMismatchError);
  expect(await bed.tracker.get({ kind: invoice, id: 'i-1' })).toMatchObject({ data: { total: 10 }, claims: 1 });
});

test('a tracked call inside another one of the same class is a job of its own', async () => {
  expect(await billing().twoOfThem('99')).toEqual(['by-name/99: 99', 'sent 99']);
});

test('a job that is run by its route and by its service is one job', async () => {
  await bed.tracker.track({ kind: 'by-name', id: '500' }, () => 1);
  await thrownBy(() => billing().byName('ann', 500), JobAlreadySucceededError);
  await bed.tracker.track({ kind: 'by-name', id: '501' }, () =>
    thrownBy(() => billing().byName('ann', 501), JobLockedError),
  );
});

describe('where no tracker is', () => {
  const here = /@Tracked on Billing\.byName: no job tracking here\. Import JobTrackingModule\.forRoot\(\)/;

  test('a class that Nest did not make says so', async () => {
    const error = await thrownBy(() => new Billing().byName('ann', 1), InvalidOptionsError);
    expect(error.message).toMatch(here);
  });

  test('an app without the module starts, and says so when it is called', async () => {
    @Module({ providers: [Billing] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    const error = await thrownBy(() => app.get(Billing).byName('ann', 1), InvalidOptionsError);
    expect(error.message).toMatch(here);
    await app.close();
  });

  test('a method that lost its object says so', async () => {
    const { byName } = billing();
    await thrownBy(() => byName('ann', 1), InvalidOptionsError);
  });
});

test('the decorated method looks as it did, by its name and its length', () => {
  expect(Billing.prototype.byName.name).toBe('byName');
  expect(Billing.prototype.byName.length).toBe(3);
});
