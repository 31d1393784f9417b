import { describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../protocol/index.js';
import { Database, type SqlStatement } from './database.js';

const fault = (code: string) => Object.assign(new Error(code), { code });
const CUT = fault('ECONNRESET');
const DEADLOCK = fault('40P01');
const MISSING = fault('42P01');

const FOR_EVER = 8;

/** A database that answers the sendings of a statement like this; what it has no answer for, it has lost. */
function answering(...answers: (Error | unknown[])[]) {
  const sent: (SqlStatement & { at: number })[] = [];
  const pool = {
    async query(statement: SqlStatement) {
      sent.push({ ...statement, at: performance.now() });
      if (sent.length > FOR_EVER) throw new Error(`it is sent more than ${FOR_EVER} times`);
      const answer = answers[sent.length - 1] ?? CUT;
      if (answer instanceof Error) throw answer;
      return { rows: answer, rowCount: answer.length };
    },
    end: async () => {},
  };
  const open = (patience = 1_000) => new Database(pool, { patience, schema: undefined });
  return { sent, open };
}

describe('a statement', () => {
  test('whose answer was lost goes out again as it was, and says so', async () => {
    const { sent, open } = answering(CUT, CUT, [7]);
    expect(await open().query('select $1', [7])).toMatchObject({ rows: [7], count: 1, resent: true });
    expect(sent.map(({ text, values }) => [text, values])).toEqual(Array(3).fill(['select $1', [7]]));
  });

  test('waits in steps for a database that comes back, however long it may stay away', async () => {
    const { sent, open } = answering(CUT, CUT, CUT, [7]);
    expect(await open(60 * 86_400_000).query('select 7', [])).toMatchObject({ rows: [7] });
    expect((sent[3]?.at ?? 0) - (sent[2]?.at ?? 0)).toBeGreaterThan(50);
  });

  test('that was answered at once says that it was not sent before', async () => {
    expect(await answering([7]).open().query('select 7', [])).toMatchObject({ resent: false });
  });

  test('counts its time from the sending that was answered', async () => {
    const { sent, open } = answering(CUT, CUT, []);
    const { sentAt } = await open().query('select 7', []);
    expect(sentAt).toBeGreaterThan(sent[1]?.at ?? Number.NaN);
    expect(sentAt).toBeLessThanOrEqual(sent[2]?.at ?? Number.NaN);
  });

  test('that did nothing, for a deadlock or a serialization failure, goes out again', async () => {
    for (const conflict of [DEADLOCK, fault('40001')])
      expect(await answering(conflict, [7]).open().query('select 7', [])).toMatchObject({ rows: [7] });
  });

  test('that did nothing is not told as sent before: nobody asks whether an earlier sending came through', async () => {
    for (const code of ['40001', '55P03', '57014', '25006', '53300', '57P03', 'ECONNREFUSED'])
      expect(await answering(DEADLOCK, fault(code), [7]).open().query('select 7', [])).toMatchObject({ resent: false });
    for (const code of ['57P01', '08006', 'ETIMEDOUT'])
      expect(await answering(fault(code), [7]).open().query('select 7', [])).toMatchObject({ resent: true });
    expect(await answering(CUT, DEADLOCK, [7]).open().query('select 7', [])).toMatchObject({ resent: true });
  });

  test('that did nothing goes out again though it must not come through twice', async () => {
    expect(await answering(DEADLOCK, [7]).open().query('select 7', [], { again: false })).toMatchObject({ rows: [7] });
  });

  test('that must not come through twice is sent once where its answer was lost', async () => {
    const { sent, open } = answering(CUT, [7]);
    await expect(open().query('select 7', [], { again: false })).rejects.toMatchObject({ cause: CUT });
    expect(sent).toHaveLength(1);
  });

  test('that the database refuses is thrown as it is, at once', async () => {
    const { sent, open } = answering(MISSING, [7]);
    await expect(open().query('select 7', [])).rejects.toBe(MISSING);
    expect(sent).toHaveLength(1);
  });

  test('is not sent for ever: who stays away is told as away, with the last reason', async () => {
    const { sent, open } = answering();
    const error = await open(200)
      .query('select 7', [])
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ cause: CUT });
    expect(sent.length).toBeGreaterThan(2);
  });

  test('goes out once more, however long its answer took not to come: it may have come through', async () => {
    const { sent, open } = answering(CUT, [7]);
    expect(await open(0).query('select 7', [])).toMatchObject({ rows: [7] });
    expect(sent).toHaveLength(2);
  });

  test('may have a time of its own for its answer', async () => {
    const { sent, open } = answering([7], [7]);
    await open().query('select 7', [], { within: 150 });
    await open().query('select 7', []);
    expect(sent.map(({ query_timeout }) => query_timeout)).toEqual([150, undefined]);
  });

  test('is sent by nobody who has closed, nor sent again', async () => {
    const { sent, open } = answering(CUT, [7]);
    const db = open();
    const asked = db.query('select 7', []);
    await db.close();
    await expect(asked).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(db.query('select 7', [])).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(sent).toHaveLength(1);
  });
});
