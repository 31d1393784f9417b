import { MemoryJobStore } from 'nestjs-job-tracking/testing';
import { afterAll, beforeAll, vi } from 'vitest';
import type { Ground } from './histories.js';

const BEGIN = Date.parse('2026-01-01T00:00:00Z');

interface Options {
  open?(): MemoryJobStore;
  inspect?(store: MemoryJobStore): Promise<readonly unknown[]>;
}

/** A new store for each history, whose clock stands still but when it is moved. */
export function onMemory({ open = () => new MemoryJobStore(), inspect }: Options = {}): () => Ground {
  return () => {
    const store = open();
    let ahead = 0;
    const advance = async (ms: number) => {
      store.advance(ms);
      ahead += ms;
    };
    const ground = { store, now: () => BEGIN + ahead, advance };
    return inspect ? { ...ground, inspect: () => inspect(store) } : ground;
  };
}

/** The store counts from this process's clock. */
export function stopClock(): void {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: BEGIN });
  });
  afterAll(() => {
    vi.useRealTimers();
  });
}
