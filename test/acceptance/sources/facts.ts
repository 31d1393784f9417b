import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FACTS, type Fact } from './answers.js';
import type { SeenFact, SeenSource } from './documented.js';
import type { LoggedError } from './log.js';
import type { Source } from './source.js';
import type { Told } from './source-app.js';

const FOLDER = path.resolve(import.meta.dirname, '../../../.data/sources');

/** What a source was seen to do. */
export function seenOf(
  { name, answers }: Source,
  facts: ReadonlyMap<Fact, Told>,
  logged: readonly LoggedError[],
): SeenSource {
  const seen = FACTS.filter((fact) => facts.has(fact)).map((fact): [Fact, SeenFact] => {
    const { call, reply } = facts.get(fact) as Told;
    // Laws name their jobs, or what is thrown, by what they are about.
    const loggedBy = logged.find(({ text }) => text.includes(fact))?.by ?? null;
    return [fact, { ...call, ...('returned' in call && { returned: call.returned ?? null }), ...reply, loggedBy }];
  });
  return { name, answers, facts: Object.fromEntries(seen) };
}

/** For scripts/write-sources.mjs. */
export async function writeFacts(seen: SeenSource): Promise<void> {
  const words = seen.name.replaceAll(/[^a-z]+/gi, ' ').trim();
  await mkdir(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `${words.replaceAll(' ', '-').toLowerCase()}.json`);
  await writeFile(file, `${JSON.stringify(seen, undefined, 2)}\n`);
}
