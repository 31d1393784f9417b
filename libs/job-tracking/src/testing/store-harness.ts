import type { JobReader, JobStore } from '../protocol/index.js';

export interface StoreHarness {
  name: string;
  /**
   * A store that is open, for one law. It may hold other jobs: every law names a kind of its own. `advance` moves the store's clock; without it the
   * laws wait.
   */
  create(): Promise<{ store: JobStore & JobReader; advance?(ms: number): Promise<void>; close(): Promise<void> }>;
}

/** What the laws need of a test runner: node:test, vitest and jest have it. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}
