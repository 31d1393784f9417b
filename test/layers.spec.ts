import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SRC = 'libs/job-tracking/src';
const ROOT = path.resolve(import.meta.dirname, '..');

/** File -> imports. A small tree in which everybody keeps to the law, with whatever the law allows. */
const lawful: Record<string, string[]> = {
  [`${SRC}/protocol/index.ts`]: ['./job/job.js'],
  [`${SRC}/protocol/job/job.ts`]: ['node:crypto', 'type @standard-schema/spec'],
  [`${SRC}/protocol/job/policy.ts`]: ['type ./job.js'],
  [`${SRC}/protocol/job/job.spec.ts`]: ['vitest', 'fast-check', './job.js', '../../memory/store.js', '../run/run.js'],
  [`${SRC}/protocol/run/run.ts`]: ['../job/job.js'],
  [`${SRC}/protocol/consume/consumer.ts`]: ['../run/run.js', '../job/policy.js'],
  [`${SRC}/nest/index.ts`]: ['../protocol/index.js', '@nestjs/common', '@nestjs/core', 'rxjs', 'reflect-metadata'],
  [`${SRC}/nest/tokens.ts`]: [],
  [`${SRC}/nest/module/module.ts`]: ['../../protocol/index.js', '../tokens.js', '../tracked/tracked.js'],
  [`${SRC}/nest/tracked/tracked.ts`]: ['../tokens.js'],
  [`${SRC}/postgres/index.ts`]: ['../protocol/index.js', '@mikro-orm/core', 'kysely', 'type pg', './sql/claim.js'],
  [`${SRC}/postgres/sql/claim.ts`]: [],
  [`${SRC}/memory/index.ts`]: ['../protocol/index.js', './store.js'],
  [`${SRC}/memory/store.ts`]: [],
  [`${SRC}/dynamodb/index.ts`]: ['../protocol/index.js'],
  [`${SRC}/dashboard/index.ts`]: ['../protocol/index.js', '../nest/index.js', '@nestjs/common', './page/page.js'],
  [`${SRC}/dashboard/page/page.ts`]: [],
  [`${SRC}/otel/index.ts`]: ['../protocol/index.js', '../nest/index.js'],
  [`${SRC}/cli/index.ts`]: ['../protocol/index.js', '../nest/index.js'],
  [`${SRC}/testing/index.ts`]: ['../protocol/index.js', '../nest/index.js', '../memory/index.js', '@nestjs/testing'],
  [`${SRC}/job-tracking.module.ts`]: ['./nest/index.js', './postgres/index.js', '@nestjs/common', '@mikro-orm/nestjs'],
  [`${SRC}/index.ts`]: ['./protocol/index.js', './nest/index.js', './postgres/index.js', './job-tracking.module.js'],
  [`${SRC}/core.ts`]: ['./protocol/index.js', './nest/index.js'],
  'libs/embedded-postgres/src/index.ts': ['node:fs', './server.js'],
  'libs/embedded-postgres/src/server.ts': [],
  'apps/example/src/main.ts': ['nestjs-job-tracking', 'embedded-postgres-server', '@nestjs/core'],
  'test/acceptance/tracked.spec.ts': ['nestjs-job-tracking', '../support/database.js', 'vitest'],
  'test/histories/store.ts': ['nestjs-job-tracking/core', 'nestjs-job-tracking/testing'],
  'test/support/database.ts': ['embedded-postgres-server', 'pg'],
  'bench/claim.ts': ['nestjs-job-tracking'],
};

/** rule, file, what it imports in breach of it */
const breaches: [rule: string, file: string, imported: string][] = [
  ['protocol/options', `${SRC}/protocol/options/a.ts`, 'type ../job/job.js'],
  ['protocol/job', `${SRC}/protocol/job/e.ts`, '../payload/a.js'],
  ['protocol/job', `${SRC}/protocol/job/f.ts`, '../index.js'],
  ['protocol/payload', `${SRC}/protocol/payload/a.ts`, '../query/a.js'],
  ['protocol/query', `${SRC}/protocol/query/a.ts`, '../store/a.js'],
  ['protocol/store', `${SRC}/protocol/store/a.ts`, '../events/a.js'],
  ['protocol/events', `${SRC}/protocol/events/a.ts`, '../state/a.js'],
  ['protocol/state', `${SRC}/protocol/state/a.ts`, '../register/a.js'],
  ['protocol/register', `${SRC}/protocol/register/a.ts`, 'type ../run/run.js'],
  ['protocol/run', `${SRC}/protocol/run/a.ts`, '../consume/consumer.js'],
  ['protocol/consume', `${SRC}/protocol/consume/a.ts`, '../operate/a.js'],
  ['protocol/operate', `${SRC}/protocol/operate/a.ts`, '../verify/a.js'],
  ['protocol/verify', `${SRC}/protocol/verify/a.ts`, '../consume/consumer.js'],
  ['protocol: fixed rooms', `${SRC}/protocol/a.ts`, './job/job.js'],
  ['protocol: fixed rooms', `${SRC}/protocol/helpers/a.ts`, 'node:fs'],
  ['nest/answers', `${SRC}/nest/answers/a.ts`, '../tracked/tracked.js'],
  ['nest/logging', `${SRC}/nest/logging/a.ts`, '../answers/a.js'],
  ['nest/tracked', `${SRC}/nest/tracked/a.ts`, '../declared/a.js'],
  ['nest/declared', `${SRC}/nest/declared/a.ts`, '../module/module.js'],
  ['nest/module', `${SRC}/nest/module/a.ts`, '../index.js'],
  ['nest: fixed rooms', `${SRC}/nest/a.ts`, '../protocol/index.js'],
  ['postgres/sql', `${SRC}/postgres/sql/a.ts`, '../sending/a.js'],
  ['postgres/sending', `${SRC}/postgres/sending/a.ts`, '../store/a.js'],
  ['postgres/store', `${SRC}/postgres/store/a.ts`, '../schema/a.js'],
  ['postgres/schema', `${SRC}/postgres/schema/a.ts`, '../index.js'],
  ['postgres: fixed rooms', `${SRC}/postgres/a.ts`, './sql/claim.js'],
  ['protocol', `${SRC}/protocol/job/a.ts`, '@nestjs/common'],
  ['protocol', `${SRC}/protocol/job/b.ts`, 'type @mikro-orm/core'],
  ['protocol', `${SRC}/protocol/job/c.ts`, '../../nest/index.js'],
  ['nest', `${SRC}/nest/module/a.ts`, '@mikro-orm/core'],
  ['nest', `${SRC}/nest/module/b.ts`, '../../postgres/index.js'],
  ['nest', `${SRC}/nest/module/c.ts`, 'type pg'],
  ['postgres', `${SRC}/postgres/store/a.ts`, '@nestjs/common'],
  ['postgres', `${SRC}/postgres/store/b.ts`, '../../nest/index.js'],
  ['memory', `${SRC}/memory/a.ts`, '@mikro-orm/core'],
  ['memory', `${SRC}/memory/b.ts`, '../nest/index.js'],
  ['dynamodb', `${SRC}/dynamodb/a.ts`, 'kysely'],
  ['dynamodb', `${SRC}/dynamodb/b.ts`, '../memory/index.js'],
  ['dashboard', `${SRC}/dashboard/a.ts`, '../postgres/index.js'],
  ['dashboard', `${SRC}/dashboard/page/b.ts`, '@mikro-orm/postgresql'],
  ['otel', `${SRC}/otel/a.ts`, '../postgres/index.js'],
  ['cli', `${SRC}/cli/a.ts`, 'pg'],
  ['testing', `${SRC}/testing/a.ts`, '../postgres/index.js'],
  ['testing', `${SRC}/testing/b.ts`, '../../../../test/support/database.js'],
  ['assembly', `${SRC}/index.ts`, 'zod'],
  ['assembly', `${SRC}/job-tracking.module.ts`, 'embedded-postgres-server'],
  ['core-without-postgres', `${SRC}/core.ts`, './postgres/index.js'],
  ['core-without-postgres', `${SRC}/core.ts`, './job-tracking.module.js'],
  ['core-without-postgres', `${SRC}/core.ts`, 'type @mikro-orm/core'],
  ['no-testing-in-production', `${SRC}/core.ts`, './testing/index.js'],
  ['no-testing-in-production', `${SRC}/index.ts`, './testing/index.js'],
  ['no-testing-in-production', `${SRC}/nest/module/d.ts`, '../../testing/index.js'],
  ['types-only', `${SRC}/postgres/store/c.ts`, 'pg'],
  ['types-only', `${SRC}/protocol/job/d.ts`, '@standard-schema/spec'],
  ['through-the-door', `${SRC}/nest/module/e.ts`, '../../protocol/job/job.js'],
  ['through-the-door', `${SRC}/index.ts`, './postgres/sql/claim.js'],
  ['through-the-door', `${SRC}/dashboard/page/c.ts`, 'type ../../protocol/job/job.js'],
  ['fixed-folders', `${SRC}/utils/a.ts`, 'node:fs'],
  ['fixed-folders', `${SRC}/helpers.ts`, './protocol/index.js'],
  ['doors-only', 'apps/example/src/a.ts', '../../../libs/job-tracking/src/protocol/job/job.js'],
  ['doors-only', 'test/acceptance/a.spec.ts', '../../libs/job-tracking/src/index.js'],
  ['doors-only', 'test/acceptance/b.spec.ts', '../../libs/job-tracking/src/memory/index.js'],
  ['doors-only', 'bench/a.ts', '../libs/embedded-postgres/src/server.js'],
  ['embedded-postgres', 'libs/embedded-postgres/src/a.ts', 'pg'],
  ['embedded-postgres', 'libs/embedded-postgres/src/b.ts', 'type nestjs-job-tracking'],
  ['no-dangling-import', 'test/support/a.ts', './nowhere.js'],
];

let tree: string;
let red: { code: number; output: string };

beforeAll(async () => {
  tree = await mkdtemp(path.join(os.tmpdir(), 'layers-'));
  for (const file of ['layers.config.mjs', 'biome.json', 'tsconfig.json', 'package.json']) {
    await cp(path.join(ROOT, file), path.join(tree, file));
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(tree, 'node_modules'));
});

afterAll(() => rm(tree, { recursive: true, force: true }));

async function plant(files: Record<string, string[]>): Promise<void> {
  for (const [file, imports] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
    await writeFile(path.join(tree, file), `${imports.map(statement).join('\n')}\nexport const here = 1;\n`);
  }
}

function statement(imported: string): string {
  const [name, type] = imported.split(' ').reverse();
  return type ? `import type * as it from '${name}'; export type { it };` : `import '${name}';`;
}

async function check(): Promise<{ code: number; output: string }> {
  const cli = promisify(execFile)('npm', ['run', '--silent', 'layers'], {
    cwd: tree,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return cli.then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, output: error.stdout }),
  );
}

test('a tree that keeps to the law passes', async () => {
  await plant(lawful);
  const { code, output } = await check();
  expect(output).toContain('no dependency violations found');
  expect(code).toBe(0);
});

describe('a breach is told by its rule, its file and what was imported', () => {
  beforeAll(async () => {
    const broken = structuredClone(lawful);
    for (const [, file, imported] of breaches) broken[file] = [...(broken[file] ?? []), imported];
    broken[`${SRC}/memory/store.ts`] = ['./index.js'];
    broken[`${SRC}/protocol/job/job.ts`] = ['type ./policy.js'];
    await plant(broken);
    red = await check();
  });

  test.each(breaches)('%s: %s must not import %s', (rule, file, imported) => {
    expect(red.code).toBeGreaterThan(0);
    const told = red.output.split('\n  error ').filter((violation) => violation.startsWith(`${rule}: ${file} → `));
    expect(told.map((violation) => violation.split(' → ')[1])).toContainEqual(
      expect.stringContaining(found(file, imported)),
    );
  });

  test('no-circle: it is told all the way round', () => {
    expect(red.output.replaceAll(/\s+/g, ' ')).toContain(
      `error no-circle: ${SRC}/memory/index.ts → ${SRC}/memory/store.ts → ${SRC}/memory/index.ts`,
    );
  });

  test('no-circle: types that name each other are one', () => {
    expect(red.output.replaceAll(/\s+/g, ' ')).toMatch(
      new RegExp(`error no-circle: (${SRC}/protocol/job/(job|policy)\\.ts( → )?){3}`),
    );
  });
});

/** An import is told as the place where it leads. */
function found(file: string, imported: string): string {
  const name = imported.replace('type ', '');
  if (name === './nowhere.js') return name;
  if (name.startsWith('.')) return path.posix.join(path.dirname(file), name).replace(/js$/, 'ts');
  if (name === 'embedded-postgres-server') return 'libs/embedded-postgres/src/index.ts';
  if (name === 'nestjs-job-tracking') return `${SRC}/index.ts`;
  return name.startsWith('node:') ? name.slice('node:'.length) : `node_modules/${name}/`;
}

test('every rule of the law is broken once above', async () => {
  const { default: law } = await import(path.join(ROOT, 'layers.config.mjs'));
  const rules: string[] = law.forbidden.map((rule: { name: string }) => rule.name);
  expect([...new Set(breaches.map(([rule]) => rule)), 'no-circle'].sort()).toEqual(rules.sort());
});

test.each([
  [`${SRC}/nest/a.ts`, false],
  ['libs/embedded-postgres/src/a.ts', false],
  [`${SRC}/nest/a.spec.ts`, true],
  ['apps/example/src/a.ts', true],
  ['test/support/a.ts', true],
])('the environment is read by programs, never by libraries: %s may: %s', async (file, may) => {
  await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
  await writeFile(path.join(tree, file), 'export const url = process.env.DATABASE_URL;\n');
  const { status, stderr } = spawnSync('npx', ['biome', 'lint', file], { cwd: tree, encoding: 'utf8' });
  expect({ passes: status === 0, told: stderr.includes('noProcessEnv') }).toEqual({ passes: may, told: !may });
});
