import type { JobSnapshot, Page } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { auditJob, classifyJob, readJob } from '../src/jobs/kinds.js';
import { type ExampleApp, startExample } from './example-app.js';
import { type MadePackages, makePackages } from './made-packages.js';

interface Answer {
  code?: string;
  [key: string]: unknown;
}

describe("the example's routes", () => {
  let database: TestDatabase;
  let packages: MadePackages;
  let app: ExampleApp;
  let base: string;

  beforeAll(async () => {
    [database, packages] = await Promise.all([createTestDatabase(), makePackages()]);
    app = await startExample({ clientUrl: database.url, nodeModules: packages.nodeModules });
    await app.nest.listen(0, '127.0.0.1');
    base = await app.nest.getUrl();
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
    await database?.drop();
    await packages?.[Symbol.asyncDispose]();
  });

  const post = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      body: (await answer.json()) as Answer,
    };
  };
  const jobs = async (query: string) => (await (await fetch(`${base}/jobs?${query}`)).json()) as Page<JobSnapshot>;

  it('audits a package once, of fifty calls at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('/audits/@scope%2Fdual')));
    const ran = answers.filter(({ status }) => status === 201);
    expect(ran.map(({ body }) => body)).toMatchObject([
      { package: '@scope/dual@2.0.0', licence: { names: ['MIT', 'Apache-2.0'] }, health: { files: 2 } },
    ]);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(49);
    // On a busy machine a late call may find it done, which no waiting changes.
    const locked = refused.filter(({ body }) => body.code !== 'JOB_ALREADY_SUCCEEDED');
    expect(locked.length).toBeGreaterThan(0);
    for (const { body, retryAfter } of locked) {
      expect(body.code).toBe('JOB_LOCKED');
      expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    }
  });

  it('takes a name and name@version for one job', async () => {
    const answers = await Promise.all([post('/audits/good'), post('/audits/good@1.0.0')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await post('/audits/good')).toMatchObject({ status: 409, body: { code: 'JOB_ALREADY_SUCCEEDED' } });
  });

  it('refuses what is not installed or no package, and claims nothing for it', async () => {
    expect(await post('/audits/nowhere')).toMatchObject({ status: 404 });
    expect(await post('/audits/not%20a%20name')).toMatchObject({ status: 400 });
    expect(await app.tracker.count({ kind: auditJob, ids: ['nowhere', 'not a name'] })).toBe(0);
  });

  it('answers 422 for a package at fault, which the consumer tries again until it is ignored', async () => {
    const answer = await post('/audits/no-field');
    expect(answer).toMatchObject({ status: 422, body: { error: 'MissingLicenceError' } });
    const job = () => app.tracker.get({ kind: auditJob, id: 'no-field@1.0.0' });
    await expect.poll(job).toMatchObject({ status: 'ignored', attempts: 3 });
    expect(await post('/audits/no-field')).toMatchObject({ status: 409, body: { code: 'JOB_IGNORED' } });
  });

  it('runs again what was retried, once its package is repaired', async () => {
    await app.audit();
    // Two packages are tried at once, and end in either order.
    const { items } = await jobs('kind=classify&status=ignored');
    expect(items.toSorted((a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id))).toMatchObject([
      { id: 'no-field@1.0.0', error: { name: 'MissingLicenceError' } },
      { id: 'odd@1.0.0', error: { name: 'InvalidLicenceError' } },
    ]);
    await packages.write('no-field/package.json', { name: 'no-field', version: '1.0.0', license: 'ISC' });

    const ids = ['no-field@1.0.0'];
    expect((await post('/jobs/retry?rerun=true', { kind: 'read', ids })).body).toEqual({ retried: 1 });
    const read = () => app.tracker.get({ kind: readJob, id: 'no-field@1.0.0' });
    await expect.poll(read).toMatchObject({ status: 'succeeded', output: { license: 'ISC' } });
    expect(await post('/jobs/retry', { kind: 'classify', ids })).toMatchObject({ status: 200, body: { retried: 1 } });
    const { done } = await app.audit();
    expect(done.where('ignored', classifyJob.kind).map(({ id }) => id)).toEqual(['odd@1.0.0']);
    expect(done.where('succeeded', 'assess').map(({ id }) => id)).toContain('no-field@1.0.0');
  });

  it('lists jobs a page at a time', async () => {
    await app.tracker.registerMany(Array.from({ length: 150 }, (_, i) => ({ kind: 'listed', id: String(i) })));
    const first = await jobs('kind=listed');
    expect(first.items).toHaveLength(100);
    const second = await jobs(`kind=listed&status=pending&cursor=${first.next}`);
    expect(second).toMatchObject({ next: null });
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(150);
  });

  it('answers 400 for a query that is malformed, or that would mean every job', async () => {
    for (const query of ['status=done', 'cursor=x', 'kind='])
      expect(await jobs(query)).toMatchObject({ statusCode: 400, code: 'INVALID_OPTIONS' });
    for (const body of [{}, undefined, { id: 'x' }, { kinds: 'read' }, { status: 'done' }])
      expect(await post('/jobs/retry', body)).toMatchObject({ status: 400 });
  });
});
