import { describe, it } from 'vitest';
import { MemoryJobStore } from '../memory/index.js';
import { describeJobStore } from './index.js';

describeJobStore(
  { describe, it },
  {
    name: 'the in-memory store',
    async create() {
      const store = new MemoryJobStore();
      return { store, advance: async (ms) => store.advance(ms), close: () => store.close() };
    },
  },
);
