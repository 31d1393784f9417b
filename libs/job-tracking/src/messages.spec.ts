import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { defineJob, JobTrackingModule, slot, Tracked } from './index.js';
import { checkListQuery, checkQuery, specOf } from './protocol/index.js';

/** Every text of the libraries and the example, whole, with what stands in it as '…'; comments and patterns are none. */
function textsOf(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /(?<!\.spec|\.d)\.ts$/.test(file))
    .flatMap((file) => {
      const texts: string[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(`${file}: ${node.text}`);
        if (ts.isTemplateExpression(node))
          texts.push(
            `${file}: ${[node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('…')}`,
          );
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(file, readFileSync(path.join(folder, file), 'utf8'), ts.ScriptTarget.Latest));
      return texts;
    });
}

const ROOT = path.join(import.meta.dirname, '../../..');
const folders = ['libs/job-tracking/src', 'libs/embedded-postgres/src', 'apps/example/src'];

describe.each(folders)('the texts of %s', (folder) => {
  const texts = textsOf(path.join(ROOT, folder));

  test('quote by plain quotes, which every terminal, log and search has', () => {
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((text) => /[«»“”„‘’‚]/.test(text))).toEqual([]);
  });

  test("list what is allowed as one of 'a', 'b', not as 'a' or 'b'", () => {
    expect(texts.filter((text) => /'[\w-]+',? or '[\w-]+'/.test(text))).toEqual([]);
  });
});

test.each<[refused: () => unknown, message: string]>([
  [
    () => defineJob('k', { onDuplicate: 'x' as never }),
    "expected onDuplicate to be one of 'refuse', 'replay', 'join', 'skip', 'rerun', got: \"x\"",
  ],
  [
    () => defineJob('k', { onMissing: 'x' as never }),
    "expected onMissing to be one of 'register', 'refuse', got: \"x\"",
  ],
  [
    () => JobTrackingModule.forRoot({ migrations: 'x' as never }),
    "expected migrations to be one of 'check', 'run', got: \"x\"",
  ],
  [() => JobTrackingModule.forRoot({ xyz: 1 } as never), "unknown option 'xyz', expected one of '"],
  [
    () => Tracked('id', { maxAttemps: 3 } as never),
    "@Tracked: unknown option 'maxAttemps', did you mean 'maxAttempts'?",
  ],
  [() => slot('week' as never), "expected unit to be one of 'minute', 'hour', 'day', got: \"week\""],
  [() => specOf({ id: '1', xyz: 1 } as never), "a job has no 'xyz', expected one of 'kind', 'id', 'data', "],
  [() => specOf({ id: '1', dta: 1 } as never), "a job has no 'dta', did you mean 'data'?"],
  [
    () => checkQuery({ status: 'x' as never }, 'count'),
    "expected status to be one of 'pending', 'in_progress', 'failed', 'succeeded', 'ignored', got: \"x\"",
  ],
  [() => checkListQuery({ order: 'x' as never }, 'list'), "expected order to be one of 'oldest', 'newest', got: \"x\""],
])('what is refused by a list of values is told so by the list (%#)', (refused, message) => {
  expect(refused).toThrow(message);
});
