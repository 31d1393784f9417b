import { describe, expect, it } from 'vitest';
import { defineJob } from '../job/define-job.js';
import { InvalidOptionsError } from '../options/errors.js';
import { checkListQuery, checkManyQuery, checkQuery, type JobQuery } from './job-query.js';

const time = new Date('2026-11-24T13:05:00Z');
const many = (query: unknown) => checkManyQuery(query as JobQuery, 'retryMany');
const read = (query: unknown) => checkQuery(query as JobQuery, 'count');

describe('a query', () => {
  it('keeps the conditions that it has', () => {
    expect(
      read({
        kind: defineJob('ship'),
        status: 'failed',
        ids: ['1', '2'],
        updatedBefore: time,
        updatedAfter: time,
        errorFingerprint: 'abc',
        limit: 5,
      }),
    ).toEqual({
      kind: 'ship',
      statuses: ['failed'],
      ids: ['1', '2'],
      updatedBefore: time,
      updatedAfter: time,
      errorFingerprint: 'abc',
      limit: 5,
    });
    expect(read({ kind: 'ship', status: ['failed', 'ignored'] })).toEqual({
      kind: 'ship',
      statuses: ['failed', 'ignored'],
    });
  });

  it('that reads may leave everything out or undefined', () => {
    expect(read({})).toEqual({});
    expect(
      read({ kind: undefined, status: undefined, ids: undefined, updatedBefore: undefined, limit: undefined }),
    ).toEqual({});
  });

  it('an empty array stays a condition, which nothing meets', () => {
    expect(many({ ids: [] })).toEqual({ ids: [] });
    expect(many({ status: [] })).toEqual({ statuses: [] });
  });

  it.each<[string, unknown]>([
    ['kind', null],
    ['kind', ''],
    ['kind', 7],
    ['status', 'done'],
    ['status', ['failed', undefined]],
    ['status', null],
    ['ids', '7'],
    ['ids', new Set(['7'])],
    ['ids', ['7', '']],
    ['ids', [undefined]],
    ['updatedBefore', '2026-11-24'],
    ['updatedAfter', new Date(Number.NaN)],
    ['errorFingerprint', 7],
    ['limit', 0],
    ['limit', 1.5],
    ['limit', 100_001],
    ['limit', '5'],
  ])('whose %s is %j is refused by that name', (key, value) => {
    for (const check of [read, many]) {
      expect(() => check({ [key]: value })).toThrow(InvalidOptionsError);
      expect(() => check({ [key]: value })).toThrow(
        new RegExp(`^(count|retryMany): expected ${key}.* to be .+, got: `),
      );
    }
  });

  it('with an unknown key is refused, with the word that was meant', () => {
    expect(() => read({ statuses: ['failed'] })).toThrow("count: unknown option 'statuses', did you mean 'status'?");
  });

  it('names no single job, not even as undefined', () => {
    for (const query of [{ id: '7' }, { id: undefined }, { kind: 'ship', id: '7' }]) {
      expect(() => read(query)).toThrow('a query has no id');
      expect(() => many(query)).toThrow(InvalidOptionsError);
    }
  });

  it.each([null, undefined, 'failed', 7, []])('%j is none', (query) => {
    expect(() => read(query)).toThrow(InvalidOptionsError);
    expect(() => many(query)).toThrow(InvalidOptionsError);
  });
});

describe('a query that changes jobs', () => {
  it('without a condition is refused; a limit is none', () => {
    expect(() => many({})).toThrow('retryMany: expected at least one condition');
    expect(() => many({ limit: 5 })).toThrow('expected at least one condition');
  });

  it('with a key that is undefined is refused, also beside a condition', () => {
    for (const key of ['kind', 'status', 'ids', 'updatedBefore', 'updatedAfter', 'errorFingerprint', 'limit'])
      expect(() => many({ kind: 'ship', status: 'failed', [key]: undefined })).toThrow(
        `retryMany: ${key} is undefined`,
      );
  });
});

describe('a list', () => {
  const list = (query: unknown) => checkListQuery(query as Parameters<typeof checkListQuery>[0], 'list');

  it('is oldest first, 100 a page, from the start', () => {
    expect(list({})).toEqual({ filter: {}, page: { order: 'oldest', limit: 100, cursor: null } });
    expect(list({ order: 'newest', limit: 7, cursor: 'abc' }).page).toEqual({
      order: 'newest',
      limit: 7,
      cursor: 'abc',
    });
  });

  it('refuses another order or a cursor that is no text', () => {
    expect(() => list({ order: 'updatedAt' })).toThrow(
      "list: expected order to be one of 'oldest', 'newest', got: \"updatedAt\"",
    );
    expect(() => list({ cursor: 5 })).toThrow(InvalidOptionsError);
  });
});
