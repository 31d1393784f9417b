import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { auditReport } from '../src/console/audit-report.js';
import { outlook } from '../src/console/outlook.js';
import type { AuditStanding } from '../src/jobs/audit-standing.js';
import { assessJob, readJob } from '../src/jobs/kinds.js';
import { type ExampleApp, startExample } from './example-app.js';
import { type MadePackages, makePackages } from './made-packages.js';

const CLAIMS = 'select kind, id, claims from job order by kind, id';

describe('an audit of installed packages', () => {
  let database: TestDatabase;
  let packages: MadePackages;

  beforeEach(async () => {
    [database, packages] = await Promise.all([createTestDatabase(), makePackages()]);
  });
  afterEach(async () => {
    await database.drop();
    await packages[Symbol.asyncDispose]();
  });

  const start = (): Promise<ExampleApp> => startExample({ clientUrl: database.url, nodeModules: packages.nodeModules });

  it('finds every package once, nested ones too', async () => {
    await using app = await start();
    const { done } = await app.audit();
    expect(new Set(done.steps.map(({ id }) => id))).toEqual(
      new Set([
        '@scope/dual@2.0.0',
        'good@0.9.0',
        'good@1.0.0',
        'broken',
        'no-field@1.0.0',
        'no-text@1.0.0',
        'odd@1.0.0',
      ]),
    );
    expect(ids(done.where('succeeded', 'assess'))).toEqual(['@scope/dual@2.0.0', 'good@0.9.0', 'good@1.0.0']);
    expect(await outputOf(app, 'good@1.0.0')).toMatchObject({ licenceTexts: ['LICENSE'], node: '>=22', files: 3 });
    expect(await outputOf(app, 'good@0.9.0')).toMatchObject({ installScripts: ['postinstall'], node: null });
    // What is installed inside it is not its own size.
    expect(await outputOf(app, '@scope/dual@2.0.0')).toMatchObject({ licenceTexts: ['README.md'], files: 2 });
  });

  it('tries a package at fault three times, ignores it, and never comes to its later steps', async () => {
    await using app = await start();
    const { done } = await app.audit();
    const faults = done.where('ignored').map(({ step, id, job }) => [step, id, job?.attempts, job?.error?.name]);
    expect(faults.sort()).toEqual([
      ['assess', 'no-text@1.0.0', 3, 'NoLicenceTextError'],
      ['classify', 'no-field@1.0.0', 3, 'MissingLicenceError'],
      ['classify', 'odd@1.0.0', 3, 'InvalidLicenceError'],
      ['read', 'broken', 3, 'UnreadableManifestError'],
    ]);
    const blocked = done.blocked().map(({ step, id, job, blockedBy }) => [step, id, job?.claims, blockedBy]);
    expect(blocked.sort()).toEqual([
      ['assess', 'broken', 0, 'read'],
      ['assess', 'no-field@1.0.0', 0, 'classify'],
      ['assess', 'odd@1.0.0', 0, 'classify'],
      ['classify', 'broken', 0, 'read'],
    ]);
  });

  it('says in its report what became of every job', async () => {
    await using app = await start();
    const report = auditReport((await app.audit()).done);
    expect(report).toMatch(/^read +6 +1 +0 +0 +0$/m);
    expect(report).toMatch(/^assess +3 +1 +0 +0 +3 {2}3 of them never due/m);
    expect(report).toMatch(/^\(MIT OR Apache-2.0\) +1$/m);
    expect(report).toMatch(/^MIT +2$/m);
    expect(report).toMatch(/^\(no valid SPDX expression\) +2$/m);
    expect(report).toMatch(/^classify +odd@1.0.0 +ignored +3 {2}InvalidLicenceError: .*"see the file"/m);
    expect(report).toMatch(/^assess +odd@1.0.0 +pending +0 {2}never due: classify is ignored$/m);
  });

  it('repeats nothing when it is run again', async () => {
    await using first = await start();
    expect(outlook((await first.audit()).left)).toContain('7 packages, 21 jobs (read, classify, assess): 21 to run.');
    await first.nest.close();
    const before = await database.sql(CLAIMS);

    await using second = await start();
    const { left } = await second.audit();
    expect(outlook(left)).toContain(
      ': 0 to run, 13 already succeeded, 4 ignored, 4 waiting for a step that is ignored.',
    );
    expect(await database.sql(CLAIMS)).toEqual(before);
  });

  it('takes up what a killed process left running, and nothing else', async () => {
    await using first = await start();
    await first.audit();
    await first.nest.close();
    await database.sql(
      `update job set status = 'in_progress', outcome = null, finished_at = null, output = null,
        expires_at = now() + interval '500 ms' where kind = 'assess' and id = 'good@1.0.0'`,
    );

    await using second = await start();
    const { left, done } = await second.audit();
    expect(outlook(left)).toContain('1 of them are in progress');
    expect(
      done
        .where('succeeded')
        .filter(({ job }) => job?.claims !== 1)
        .map(({ id }) => id),
    ).toEqual(['good@1.0.0']);
    expect(
      (await second.tracker.attempts({ kind: assessJob, id: 'good@1.0.0' })).map(({ outcome }) => outcome),
    ).toEqual(['crashed', 'succeeded']);
  });

  it('ignores at once what was uninstalled since it was registered', async () => {
    await using app = await start();
    await app.tracker.register({ kind: readJob, id: 'gone@1.0.0' });
    await expect
      .poll(() => app.tracker.get({ kind: readJob, id: 'gone@1.0.0' }))
      .toMatchObject({ status: 'ignored', attempts: 1, error: { name: 'PackageGoneError' } });
  });
});

function ids(steps: AuditStanding['steps']): string[] {
  return steps.map(({ id }) => id).sort();
}

async function outputOf({ tracker }: ExampleApp, id: string) {
  return (await tracker.get({ kind: assessJob, id }))?.output;
}
