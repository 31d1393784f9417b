import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { parameterNames } from './nest/tracked/parameter-names.js';
import { qualifier } from './postgres/sending/database.js';
import { faultOf, refusesValue } from './postgres/sending/fault.js';
import { placeOf } from './postgres/store/cursor.js';
import { checkId, composed } from './protocol/job/job-id.js';
import { milliseconds } from './protocol/options/duration.js';
import { printable } from './protocol/options/printable.js';
import { shown } from './protocol/options/shown.js';
import { failureRecordOf } from './protocol/payload/failure-record.js';
import { fingerprintOf } from './protocol/payload/fingerprint.js';
import { hashOf, toJson } from './protocol/payload/to-json.js';
import { checkQuery } from './protocol/query/job-query.js';

/** Texts of clients reach the event loop's patterns: none may take long over a megabyte, whatever stands in it. */
const SIZE = 2 ** 20;
/** Milliseconds of processor time. Most take some; what grows with the square takes minutes. */
const BOUND = 500;
const ERROR_BYTES = 16_384;

const full = (unit: string, size = SIZE) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

const message = (text: string) => fingerprintOf('Error', text, '');
const place = (text: string) => fingerprintOf('Error', 'm', `Error: m\n    at ${text}`);
const named = (text: string) => place(`${text} (/srv/app.js:1:1)`);
const file = (text: string) => place(`run (/srv/${text})`);
const record = (text: string) => failureRecordOf(new Error(text), ERROR_BYTES);
const option = (text: string) => milliseconds(text, 'lease');
const parameters = (text: string) => parameterNames(new Function(text, '') as () => unknown);
const cursor = (text: string) =>
  placeOf(Buffer.from(JSON.stringify(['oldest', text, 'k', 'i'])).toString('base64url'), 'oldest');

type Row = [file: string, pattern: RegExp | string, through: (text: string) => unknown, ...worst: string[]];

/** Each pattern of the library, the function that uses it, and what is worst for it. */
const rows: Row[] = [
  ['protocol/options/duration.ts', /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/, option, full('1'), `1.${full('1')}`, full('1.')],
  ['protocol/options/duration.ts', /^(.*: )?(.*)$/s, (text) => milliseconds(-1, text), full(': '), full(':')],
  ['protocol/payload/failure-record.ts', /[\uD800-\uDBFF]$/, record, full('\ud83d'), full('😀')],
  [
    'protocol/payload/fingerprint.ts',
    /(?<=Unexpected token ).* is not valid JSON/s,
    message,
    full('Unexpected token '),
    full('is not valid JSO'),
  ],
  [
    'protocol/payload/fingerprint.ts',
    /«[^«»]*»|“[^“”]*”|‘[^‘’]*’|"[^"]*"|`[^`]*`|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/u,
    message,
    full('«'),
    full('"\'`«“‘'),
    full("'a"),
    full("''a"),
  ],
  [
    'protocol/payload/fingerprint.ts',
    /(?<![\p{L}\p{N}+.-])[a-z][a-z0-9+.-]*:\/\/[^\s"<>]+/iu,
    message,
    full('a'),
    full('a:'),
    full('a:/'),
    full('a://'),
  ],
  [
    'protocol/payload/fingerprint.ts',
    /(?<![^\s@"<>()[\],;:])[^\s@"<>()[\],;:]+@[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*/u,
    message,
    full('a.'),
    full('a@'),
    full('a@a.'),
    full('-'),
    full(' a'),
  ],
  [
    'protocol/payload/fingerprint.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a text of the source.
    "new RegExp(`${QUOTED.source}|${URL_TEXT.source}|${MAIL.source}`, 'giu')",
    message,
    full('"a@a://'),
    full("a'a@"),
    full('https://a@'),
  ],
  [
    'protocol/payload/fingerprint.ts',
    /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi,
    message,
    full('00000000-0000-0000-0000-'),
    full('f'),
  ],
  ['protocol/payload/fingerprint.ts', /[\p{L}\p{N}_]+/gu, message, full('a'), full('_ ')],
  ['protocol/payload/fingerprint.ts', /\p{N}|^[0-9a-f]{8,}$/iu, message, full('f'), `${full('f')}x`],
  [
    'protocol/payload/fingerprint.ts',
    /(?<![\p{L}\p{N}_#])[-+]#(?:[.,:/+-]#)*|#(?:[.,:/+-]#)*/gu,
    message,
    full('1-'),
    full('1--'),
    full('-'),
  ],
  ['protocol/payload/fingerprint.ts', /^[^\s"'«“‘`]+:\/\//, message, `https:${full('/')}`, full('a:/')],
  ['protocol/payload/fingerprint.ts', /(?<=:\/\/)[^/?#]*@/, message, `https://${full('a')}`, full('x://')],
  ['protocol/payload/fingerprint.ts', /[?#].*/, message, `https://${full('?')}`, `https://a${full('?\u2028')}`],
  ['protocol/payload/fingerprint.ts', /^["'«“‘`]/, message, full('"')],
  ['protocol/payload/fingerprint.ts', /^async /, place, full('async ')],
  ['protocol/payload/fingerprint.ts', /(?::\d+){1,2}$/, file, `a${full(':1')}x`, `a:${full('1')}x`],
  ['protocol/payload/fingerprint.ts', /\.[^.]*$/, file, full('.'), full('.a')],
  [
    'protocol/payload/fingerprint.ts',
    /^(.*\/)protocol\/payload\/fingerprint\.[jt]s$/,
    place,
    full('/protocol/payload/fingerprint.'),
  ],
  [
    'protocol/payload/to-json.ts',
    /^[ !#-[\]-~]*$/,
    (text) => toJson(text, 'data', 2 * SIZE),
    `${full('a')}ö`,
    full('a'),
  ],
  [
    'protocol/payload/to-json.ts',
    /^[\p{L}_$][\p{L}\p{N}_$]*$/u,
    (text) => toJson({ [text]: Number.NaN }, 'data', 2 * SIZE),
    full('a'),
    `${full('a')}-`,
  ],
  [
    'protocol/options/printable.ts',
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu,
    printable,
    full('a'),
    full('\0'),
    full('a\0'),
    full('\u{e0041}'),
    full('\ud83d'),
  ],
  ['protocol/options/shown.ts', /\s+/g, (text) => shown({ [text]: 1 }), full(' '), full('a ')],
  ['protocol/job/job-id.ts', /[:\\]/g, (text) => composed([text]), full(':')],
  ['postgres/store/cursor.ts', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, cursor, full('2026-11-24T')],
  [
    'postgres/sending/database.ts',
    /"(?:job|job_past_attempt|job_attempt|job_migration)"/g,
    qualifier('a'),
    full('"job_past_attempt'),
    full('"'),
  ],
  [
    'postgres/sending/fault.ts',
    /^(no such (database|user)|unsupported |bouncer config error|SSL required|login rejected)|auth(entication)? failed/,
    (text) => faultOf({ code: '08P01', severity: 'FATAL', message: text }),
    full('auth'),
    full('authentication faile'),
  ],
  ['postgres/sending/fault.ts', /^(08(?!P01)|53|57)|^(55P03|25006|25P04)$/, (code) => faultOf({ code }), full('55P03')],
  [
    'postgres/sending/fault.ts',
    /Connection terminated|Connection ended|timeout exceeded when trying to connect|Query read timeout|timeout expired|Client has encountered a connection error/,
    (text) => faultOf({ message: text }),
    full('Connection terminate'),
    full('timeout exceeded when trying to '),
  ],
  ['postgres/sending/fault.ts', /^[0-9A-Z]{5}$/, (code) => faultOf({ code }), full('A')],
  ['postgres/sending/fault.ts', /^(22|23|54)[0-9A-Z]{3}$/, (code) => refusesValue({ code }), full('22')],
  [
    'nest/tracked/parameter-names.ts',
    /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\[\s\S]|[^`\\])*`|[\s\S]/gu,
    parameters,
    `a = [${'/[/*]/,'.repeat(SIZE / 8)}]`,
    `a = '${full("\\'")}'`,
    `a = /[']/, b = [${'/[`]/,'.repeat(SIZE / 8)}]`,
  ],
  [
    'nest/tracked/parameter-names.ts',
    /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:=|$)/u,
    parameters,
    `a${full(' ')} = 1`,
    full('a'),
    `[a${full(' ')}]`,
  ],
];

describe('every pattern reads a megabyte of what is worst for it in no time', () => {
  for (const [where, pattern, through, ...texts] of rows)
    test.each(texts.map((text, i) => [i, text]))(`${where}: ${pattern} (%#)`, (_i, text) => {
      expect(processorTime(() => through(String(text)))).toBeLessThan(BOUND);
    });
});

test('a new pattern gets a row above', () => {
  expect(rows.map(([where, pattern]) => `${where} ${pattern}`).sort()).toEqual(patternsOfSource().sort());
});

describe('what reads a text without a pattern takes no longer', () => {
  const nested = `${'['.repeat(500)}"${full('a')}"${']'.repeat(500)}`;
  test.each<[string, () => unknown]>([
    [
      'a stack that does not hold its message',
      () => fingerprintOf('Error', `${full('a', SIZE / 4)}b${full('a', SIZE / 4)}`, `Error: ${full('a')}`),
    ],
    ['a stack that almost holds its message', () => fingerprintOf('Error', `${full('a')}b`, `Error: ${full('a')}`)],
    [
      'a stack of many long frames',
      () => fingerprintOf('Error', 'm', `Error: m\n${`    at f (/a/${full('b', 5_000)})\n`.repeat(200)}`),
    ],
    ["an error's name", () => fingerprintOf(full('E'), 'm', '')],
    ['keys of what was thrown', () => failureRecordOf({ [full('a')]: full('b') }, ERROR_BYTES)],
    ['a number without end', () => shown(1n << BigInt(SIZE * 8))],
    ['an unknown key of a query', () => checkQuery({ [full('a')]: 1 }, 'list')],
    ['an unknown key of a query that is almost known', () => checkQuery({ [full('updatedBefore')]: 1 }, 'list')],
    ['an id', () => checkId(full('a'))],
    ['data of many levels', () => hashOf(nested)],
    ['the alias of a method', () => named(`f${full(' [as ')}`)],
    ['the query of a file', () => file(`${full('?')}\u2028a`)],
  ])('%s', (_what, work) => {
    expect(processorTime(work)).toBeLessThan(BOUND);
  });
});

/** Milliseconds of this process, whatever else the machine does. What a function refuses is refused: only its time counts. */
function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  try {
    work();
  } catch {}
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Of production code: what tests are made of meets no client. */
function patternsOfSource(): string[] {
  const cwd = import.meta.dirname;
  const files = globSync('**/*.ts', { cwd }).filter(
    (name) => !name.endsWith('.spec.ts') && !name.startsWith('testing'),
  );
  return files.flatMap((name) => {
    const source = ts.createSourceFile(name, readFileSync(path.join(cwd, name), 'utf8'), ts.ScriptTarget.Latest, true);
    return patternsIn(source).map((node) => `${name.replaceAll(path.sep, '/')} ${node.getText(source)}`);
  });
}

function patternsIn(node: ts.Node): ts.Node[] {
  const isMade = (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp';
  const inside: ts.Node[] = [];
  node.forEachChild((child) => void inside.push(...patternsIn(child)));
  return isMade || ts.isRegularExpressionLiteral(node) ? [node, ...inside] : inside;
}
