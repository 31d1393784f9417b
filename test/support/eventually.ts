import { vi } from 'vitest';

/** Asks until it no longer throws, and answers what it then answers. What never comes is a defect, what comes late is a busy machine. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: 20 });
}
