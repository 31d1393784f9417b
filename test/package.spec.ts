import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { blocksOf } from './docs/markdown.js';
import { startApp } from './support/app.js';
import { writeCoreApp } from './support/core-app.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { createEmptyDatabase } from './support/empty-database.js';
import { buildAndRun, linkPackages, writeEmptyApp } from './support/installed-app.js';
import { build, mikroOrm, writeMigratingApp } from './support/migrating-app.js';
import { dumpSchema } from './support/schema-dump.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '..');
const FULL = process.env.npm_lifecycle_event === 'test:full';

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
}

let folder: string;
let tarball: string;
let packed: string[];
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'package-'));
  const script = path.join(ROOT, 'scripts/package.mjs');
  await run(process.execPath, [script, folder], { cwd: ROOT }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`the library cannot be packed\n${error.stdout}${error.stderr}`);
  });
  manifest = JSON.parse(await readFile(path.join(ROOT, 'libs/job-tracking/package.json'), 'utf8'));
  tarball = path.join(folder, `nestjs-job-tracking-${manifest.version}.tgz`);
  packed = (await run('tar', ['-tzf', tarball])).stdout.trim().split('\n').sort();
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the tarball holds the library with its types, its schema as SQL, its licence and what to read first', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      'package/package.json',
      'package/dist/index.js',
      'package/dist/index.d.ts',
      'package/migrations/0001-jobs.sql',
      'package/LICENSE',
      'package/README.md',
      'package/CHANGELOG.md',
    ]),
  );
});

test('the tarball holds nothing else: no tests, no sources, no maps to sources that are not there', () => {
  const known =
    /^package\/(dist\/.+(?<!\.spec)(\.js|\.d\.ts)|migrations\/\d{4}-[a-z-]+\.sql|package\.json|LICENSE|(README|CHANGELOG)\.md)$/;
  expect(packed.filter((file) => !known.test(file))).toEqual([]);
});

test('every file is packed with its types', () => {
  const scripts = packed.filter((file) => file.endsWith('.js'));
  expect(packed).toEqual(expect.arrayContaining(scripts.map((file) => file.replace(/js$/, 'd.ts'))));
});

describe('an empty Nest app outside the repository', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());

  const tracked = { statuses: [201, 409], output: 7, entity: 'succeeded' };
  const own = ['@nestjs/platform-express', '@types/node'];

  test('builds with tsc and tracks a job, with what the package declares and nothing else beside it', async () => {
    const app = path.join(folder, 'linked-app');
    await writeEmptyApp(app, {});
    await linkPackages(app, tarball, [
      ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
      ...own,
    ]);
    expect(await buildAndRun(app, database.url)).toEqual(tracked);
  }, 60_000);

  test.runIf(FULL)(
    'so it does when npm installs it from the registry',
    async () => {
      await database.sql('delete from job');
      const app = path.join(folder, 'installed-app');
      const { dependencies, devDependencies } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
      const versions: Record<string, string> = { ...dependencies, ...devDependencies };
      const names = [...Object.keys(manifest.peerDependencies), ...own].filter((name) => name in versions);
      const wanted = Object.fromEntries(names.map((name) => [name, versions[name] as string]));
      await writeEmptyApp(app, { ...wanted, 'nestjs-job-tracking': `file:${tarball}` });
      await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: app });
      expect(await buildAndRun(app, database.url)).toEqual(tracked);
    },
    300_000,
  );
});

describe("an app whose migrations MikroORM's command line runs, ours as the documentation has it", () => {
  const OWN = 'Migration20260101000000_customers';
  const OURS = 'Migration20261201120000_job_tracking';
  let app: string;
  let database: TestDatabase;
  const cli = (...command: string[]) => mikroOrm(app, database.url, ...command);
  const migrated = async () =>
    (await database.sql<{ name: string }>('select name from mikro_orm_migrations order by id')).map(({ name }) => name);
  const lives = async () => {
    await using started = await startApp({ url: database.url, tracking: { migrations: 'check' } });
    expect(await started.tracker.track('new', () => 'works')).toBe('works');
    expect(await database.sql('select count(*)::int as customers from customer')).toEqual([{ customers: 0 }]);
  };

  beforeAll(async () => {
    app = path.join(folder, 'migrating-app');
    const files = blocksOf('docs/operations.md').filter(({ words }) =>
      words.some((word) => /^(migrations\/.*|mikro-orm\.config)\.ts$/.test(word)),
    );
    await writeMigratingApp(app, Object.fromEntries(files.map(({ words: [name = ''], code }) => [name, code])));
    await linkPackages(app, tarball, [
      ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
      ...['@mikro-orm/cli', '@mikro-orm/migrations', '@types/node'],
    ]);
    await build(app);
  }, 60_000);
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  test('has its own tables and ours on a fresh database, and nothing left to run or to make', async () => {
    await cli('migration:up');
    expect(await migrated()).toEqual([OWN, OURS]);
    await lives();
    await cli('migration:up');
    expect(await migrated()).toEqual([OWN, OURS]);
    expect(await cli('migration:check')).toMatch(/No changes required/);
  });

  test('has ours beside its own on a database that its own were run on before', async () => {
    await cli('migration:up', '--only', OWN);
    expect(await migrated()).toEqual([OWN]);
    await cli('migration:up');
    expect(await migrated()).toEqual([OWN, OURS]);
    await lives();
  });

  test("leaves tables as they are that migrations: 'run' has made, with the jobs in them", async () => {
    const first = await startApp({ url: database.url, tracking: { migrations: 'run' } });
    await first.tracker.track('old', () => 'output');
    await first.close();
    const schema = await dumpSchema(database.sql);
    await cli('migration:up');
    expect(await migrated()).toEqual([OWN, OURS]);
    await lives();
    await database.sql('drop table mikro_orm_migrations, customer');
    expect(await dumpSchema(database.sql)).toBe(schema);
    expect(await database.sql("select output from job where id = 'old'")).toEqual([{ output: 'output' }]);
  });

  test('keeps its jobs when it is asked to take ours back: it is told why, and nothing changes', async () => {
    await cli('migration:up');
    await lives();
    await expect(cli('migration:down')).rejects.toThrow(
      'job-tracking-0001-jobs is not taken back: it would drop every job',
    );
    expect(await migrated()).toEqual([OWN, OURS]);
    expect(await database.sql('select id from job')).toEqual([{ id: 'new' }]);
  });
});

describe('an application without MikroORM, Kysely and pg', () => {
  let app: string;
  beforeAll(async () => {
    app = path.join(folder, 'core-app');
    await writeCoreApp(app);
    const needed = Object.keys(manifest.peerDependencies).filter(
      (name) => !manifest.peerDependenciesMeta[name]?.optional,
    );
    await linkPackages(app, tarball, [...Object.keys(manifest.dependencies), ...needed, '@types/node', 'vitest']);
  });

  test('npm asks it for none of them', () => {
    const { peerDependencies, peerDependenciesMeta } = manifest;
    const optional = Object.keys(peerDependencies).filter((name) => /^@mikro-orm\/|^kysely$/.test(name));
    expect(Object.keys(peerDependenciesMeta)).toEqual(optional);
    expect(optional.every((name) => peerDependenciesMeta[name]?.optional)).toBe(true);
  });

  test('tracks on a store of its own, and in its tests, by the doors ./core and ./testing', async () => {
    const charged = { charged: '7', attempt: 1 };
    expect(await buildAndRun(app)).toEqual([
      ...[charged, true, 'succeeded'],
      ...[charged, true, 'succeeded'],
      charged,
      expect.stringMatching(/Charging\.charge: no job tracking here.*TrackingModule\.forRoot\(\).*untracked\(/),
      ...Array.from({ length: 6 }, () => 'ERR_MODULE_NOT_FOUND'),
    ]);
  }, 60_000);

  test('proves the laws of a store by node:test and by vitest, the same ones', async () => {
    const inApp = (...args: string[]) =>
      run(process.execPath, args, { cwd: app, env: { ...process.env, NODE_OPTIONS: '' } });
    const node = await inApp('--test', '--test-reporter=tap', 'dist/laws.node.js');
    const report = path.join(app, 'report.json');
    await inApp(
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=json',
      `--outputFile=${report}`,
      'src/laws.spec.ts',
    );
    const [, passed = '', failed = ''] = /^# pass (\d+)\n# fail (\d+)$/m.exec(node.stdout) ?? [];
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
    expect([Number(passed), Number(failed)]).toEqual([numPassedTests, numFailedTests]);
    expect(Number(passed)).toBeGreaterThan(100);
    expect(Number(failed)).toBe(0);
  }, 60_000);
});
