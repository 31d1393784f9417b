import { AsyncLocalStorage } from 'node:async_hooks';

const bare = new AsyncLocalStorage<true>();

/** Calls decorated methods as if they were not decorated, also in what `work` awaits: for plain unit tests of a handler's own body. */
export function untracked<T>(work: () => T): T {
  return bare.run(true, work);
}

export function isUntracked(): boolean {
  return bare.getStore() === true;
}
