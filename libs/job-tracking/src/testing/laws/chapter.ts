import type { World } from '../world.js';

/** Laws of one subject: what always holds, as a sentence, and how it is proved. */
export interface Chapter {
  subject: string;
  laws: Readonly<Record<string, (world: World) => Promise<void>>>;
}
