import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocksOf, column, tableOf, textOf } from '../../../test/docs/markdown.js';
import { propertiesOf } from '../../../test/docs/types.js';
import { EVENT_LEVELS, resolveCoreOptions } from './nest/index.js';
import { checkConsumeOptions } from './protocol/consume/consume-options.js';
import { INVARIANT_NAMES, milliseconds } from './protocol/index.js';
import { resolvePolicy } from './protocol/job/policy.js';
import { renewalInterval, renewalRetry, untilDoubt } from './protocol/run/lease.js';

/** The documentation against what no door shows. What doors show: test/docs. */
const SRC = import.meta.dirname;

describe('docs/events.md', () => {
  const rows = tableOf('docs/events.md');
  const events = column(rows, 'event');

  test('has every event at the level at which it is logged', () => {
    expect(Object.fromEntries(rows.map(({ event, level }) => [event, level]))).toEqual(EVENT_LEVELS);
  });

  test('has the fields of each', () => {
    const door = path.join(SRC, 'protocol/events/job-events.js');
    const types = Object.fromEntries(events.map((event) => [event, `Extract<JobEvent, { type: '${event}' }>`]));
    const fields = propertiesOf(`import type { JobEvent } from '${door}';`, types);
    const documented = rows.map(({ event = '', fields: cell = '' }) => [event, cell.split(', ').sort()]);
    const declared = events.map((event) => [event, fields[event]?.filter((field) => field !== 'type').sort()]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(declared));
  }, 60_000);
});

describe('docs/options.md', () => {
  const defaults = (heading: string, head: string) =>
    Object.fromEntries(tableOf('docs/options.md', heading).map((row) => [row[head], row.default ?? '']));
  const duration = (cell = '') => milliseconds(cell.replaceAll("'", ''), 'documented');

  test('has the defaults of a policy', () => {
    const documented = defaults('Policy', 'option');
    const { lease, timeout, maxAttempts, maxCrashes, backoff, after, onMissing, onDuplicate } = resolvePolicy();
    expect(duration(documented.lease)).toBe(lease);
    expect(Number(documented.maxAttempts)).toBe(maxAttempts);
    expect(Number(documented.maxCrashes)).toBe(maxCrashes);
    expect(documented.backoff).toBe(`{ first: '1s', max: '10m' }`);
    expect(backoff).toEqual({ first: '1s', max: '10m' });
    expect([documented.onMissing, documented.onDuplicate]).toEqual([`'${onMissing}'`, `'${onDuplicate}'`]);
    expect([documented.timeout, documented.after, documented.classify]).toEqual(['none', 'none', 'none']);
    expect([timeout, after]).toEqual([null, []]);
  });

  test('has the defaults of forRoot and of consume', () => {
    const core = resolveCoreOptions({}, 'forRoot');
    const { grace } = defaults('forRoot', 'option');
    expect(duration(grace)).toBe(core.grace);
    const limits = Object.entries(defaults('Limits', 'limit')).map(([limit, bytes]) => [limit, Number(bytes)]);
    expect(Object.fromEntries(limits)).toEqual(core.limits);
    const { concurrency, pollInterval } = defaults('consume', 'option');
    const consume = checkConsumeOptions('kind', {}, 'consume');
    expect([Number(concurrency), duration(pollInterval)]).toEqual([consume.concurrency, consume.pollInterval]);
    const assembly = readFileSync(path.join(SRC, 'job-tracking.module.ts'), 'utf8');
    const { migrations, startTimeout } = defaults('forRoot', 'option');
    expect(assembly).toContain(`migrations = ${migrations}`);
    expect(assembly).toContain(`startTimeout = ${startTimeout}`);
  });
});

describe('docs/protocol.md', () => {
  test.each(tableOf('docs/protocol.md', 'Lease and signal'))('a lease of $lease', (row) => {
    const [told = '', renewed, retried, signalled] = Object.values(row);
    const lease = milliseconds(told.replace(' (default)', '').replace(' ', ''), 'documented');
    const ms = (span: number) => `${Math.round(span)} ms`;
    expect([renewed, retried, signalled]).toEqual([
      ms(renewalInterval(lease)),
      ms(renewalRetry(lease)),
      ms(lease - untilDoubt(lease, lease, 0)),
    ]);
  });

  const constants: Record<string, [file: string, name: string]> = {
    'a statement is sent again while the database is away': ['postgres/schema/open-store.ts', 'PATIENCE'],
    'an outcome is tried again, at least': ['protocol/run/record.ts', 'PATIENCE'],
    "a connection of the tracker's own pools must open within": ['postgres/sending/own-pool.ts', 'CONNECT_WITHIN'],
    'a statement must be answered within': ['postgres/sending/own-pool.ts', 'ANSWER_WITHIN'],
    "connections in each of the tracker's own two pools, at most": ['postgres/sending/own-pool.ts', 'CONNECTIONS'],
  };

  test.each(tableOf('docs/protocol.md', 'Times'))('$what: $time', (row) => {
    const [file, name] = constants[row.what ?? ''] ?? [];
    if (!file) throw new Error(`nothing in the code is known for «${row.what}»`);
    const [, value = ''] =
      new RegExp(`^(?:export )?const ${name} = ([\\d_]+);`, 'm').exec(readFileSync(path.join(SRC, file), 'utf8')) ?? [];
    expect(row.time).toMatch(new RegExp(`^${value.replaceAll('_', '')}( ms)?$`));
  });
});

test('docs/verify.md has every invariant, in order', () => {
  expect(column(tableOf('docs/verify.md', 'Invariants'), 'invariant')).toEqual(INVARIANT_NAMES);
});

describe('docs/state-machine.md', () => {
  const [diagram] = blocksOf('docs/state-machine.md').filter(({ language }) => language === 'mermaid');
  const drawn = new Set(
    [...(diagram?.code ?? '').matchAll(/: (.*)$/gm)].flatMap(([, label = '']) =>
      label
        .replaceAll(/\(.*?\)/g, '')
        .split(',')
        .map((name) => name.trim()),
    ),
  );

  test('its arrows carry every statement that writes, by its name in the code, and no other', async () => {
    const folder = path.join(SRC, 'postgres/sql');
    const files = readdirSync(folder).map((file) => import(/* @vite-ignore */ path.join(folder, file)));
    const writes = (await Promise.all<Record<string, unknown>>(files))
      .flatMap((file) => Object.entries(file))
      .filter(
        ([, text]) => typeof text === 'string' && /\b(update "job"|insert into "job"|delete from "job")/.test(text),
      )
      .map(([name]) => name.replace(/After$/, ''));
    expect([...drawn].sort()).toEqual([...new Set(writes)].sort());
  });
});

test('the versions of kysely and MikroORM that docs/operations.md speaks of are those that are tested', () => {
  const { dependencies, overrides } = JSON.parse(readFileSync(path.join(SRC, '../../../package.json'), 'utf8'));
  const page = textOf('docs/operations.md');
  expect(page).toContain(`MikroORM ${dependencies['@mikro-orm/postgresql']}`);
  expect(page).toContain(`"kysely": "${overrides.kysely}"`);
  expect(textOf('README.md')).toContain(`the tests run on ${dependencies['@mikro-orm/core']}`);
});
