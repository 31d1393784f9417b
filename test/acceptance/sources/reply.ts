import type { Reply } from './source.js';
import { wordsOf } from './words.js';

export async function replyOf(call: () => Promise<unknown>): Promise<Reply> {
  try {
    return { answer: await call() };
  } catch (error) {
    return { error: error instanceof Error ? wordsOf(error) : error };
  }
}
