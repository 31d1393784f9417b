import type { JobTrackerService, JobTrackingOptions } from 'nestjs-job-tracking';
import { afterAll, beforeAll, expect } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { CALL_ENDS, comesAgain, type Fact } from './answers.js';
import type { CallEnd } from './calls.js';
import type { SeenSource } from './documented.js';
import { seenOf, writeFacts } from './facts.js';
import type { KindName } from './handled-kinds.js';
import type { Source } from './source.js';
import { type SourceApp, startSourceApp, type Told } from './source-app.js';

/** One source's app, for all its laws. To be read inside tests only. */
export interface Bed {
  readonly source: Source;
  readonly app: SourceApp;
  readonly tracker: JobTrackerService;
  /** Another one on the same jobs. */
  startAnother(tracking: JobTrackingOptions): Promise<SourceApp>;
  /** Holds what was told against what is told on every source of its family, and keeps it for the table. */
  tells(fact: Fact, told: Told): void;
  /** The same of the call alone: whoever has sent it may be gone. */
  interrupts(call: CallEnd): void;
  /** All that was told so far. */
  seen(): SeenSource;
  /** The attempts of a job, without what is new every time. */
  history(kind: KindName, id: string): Promise<unknown[]>;
}

export function useSource(source: Source): Bed {
  const facts = new Map<Fact, Told>();
  let database: TestDatabase;
  let app: SourceApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startSourceApp(source, database.url);
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
    if (app) await writeFacts(seenOf(source, facts, app.logged));
  });
  return {
    source,
    get app() {
      return app;
    },
    get tracker() {
      return app.app.tracker;
    },
    startAnother: (tracking) => startSourceApp(source, database.url, tracking),
    tells(fact, { call, reply }) {
      if (!facts.has(fact)) facts.set(fact, { call, reply });
      expect(call).toEqual(CALL_ENDS[source.family][fact]);
      if (source.answers)
        expect(reply).toEqual('returned' in call ? { answer: call.returned } : { error: expect.anything() });
      else if (reply.message) expect(reply.message).toBe(comesAgain(source.family, fact) ? 'again' : 'done');
      else expect(reply).toEqual({});
    },
    interrupts(call) {
      facts.set('interrupted', { call, reply: {} });
      expect(call).toEqual(CALL_ENDS[source.family].interrupted);
    },
    seen: () => seenOf(source, facts, app.logged),
    async history(kind, id) {
      const attempts = await app.app.tracker.attempts({ kind, id });
      return attempts.map(({ claim, attempt, outcome, error }) => ({
        claim,
        attempt,
        outcome,
        error: error && `${error.name}: ${error.message}`,
      }));
    },
  };
}
