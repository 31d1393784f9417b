import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, ROOT, tableOf, textOf } from '../docs/markdown.js';

/** Of scripts/model.mjs: spin or a C compiler is missing. */
const CANNOT_TRY = 77;

let told: { code: number | null; output: string; trouble: string };

beforeAll(() => {
  const script = path.join(ROOT, 'scripts/model.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  told = { code: status, output: stdout, trouble: stderr };
}, 600_000);

/** `who`, and which promise it `keeps` or `breaks`. */
function checks(): { who: string; does: string; promise: string }[] {
  return told.output.split('\n').flatMap((line) => {
    const [, who = '', does = '', promise = ''] = /^(.+?) +(keeps|breaks) (\S+) /.exec(line) ?? [];
    return who === '' ? [] : [{ who, does, promise }];
  });
}

describe('the model of the protocol', () => {
  test('keeps its promises in every order of events, and every twin, which lacks one rule, breaks its own', (context) => {
    if (told.code === CANNOT_TRY) context.skip(told.trouble.trim());
    expect(told.code, told.output + told.trouble).toBe(0);
  });

  test('is checked as its page says, with as many states where spin is the same', (context) => {
    if (told.code === CANNOT_TRY) context.skip(told.trouble.trim());
    const [printed] = blocksOf('docs/model.md').filter(({ language }) => language === 'text');
    const [, version] = /Version (\S+)/.exec(spawnSync('spin', ['-V'], { encoding: 'utf8' }).stdout) ?? [];
    const counted = textOf('docs/model.md').includes(`By spin ${version};`);
    const lasting = (text = '') =>
      text.replace(counted ? / +[\d.]+ s +\d+ MB/g : / +\d+ states +[\d.]+ s +\d+ MB/g, '').trimEnd();
    expect(lasting(told.output)).toBe(lasting(printed?.code));
  });

  test('has the promises and the twins of its page', (context) => {
    if (told.code === CANNOT_TRY) context.skip(told.trouble.trim());
    const broken = Map.groupBy(
      checks().filter(({ does }) => does === 'breaks'),
      ({ who }) => who,
    );
    const twins = tableOf('docs/model.md', 'Twins').map((row) => [row.twin, row.breaks?.replaceAll('`', '')]);
    expect(twins).toEqual([...broken].map(([twin, each]) => [twin, each.map(({ promise }) => promise).join(', ')]));
    const model = readFileSync(path.join(ROOT, 'model/job.pml'), 'utf8');
    const switches = new Set([...model.matchAll(/defined\((\w+)\)/g)].map(([, name = '']) => name));
    expect([...switches].sort()).toEqual([...broken.keys(), 'LIVENESS', 'ONLY'].sort());
    const promises = tableOf('docs/model.md', 'Promises').map(({ promise }) => promise);
    expect(new Set(promises)).toEqual(new Set([...broken.values()].flat().map(({ promise }) => promise)));
  });
});
