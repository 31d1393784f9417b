import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FACTS, type Fact } from './answers.js';
import type { LoggedError } from './log.js';
import type { Source } from './source.js';
import type { Told } from './source-app.js';

const FOLDER = path.resolve(import.meta.dirname, '../../../.data/kinds');

/** What each source was seen to do, for the table in the docs. */
export async function writeFacts(
  { name, family, answers, needs }: Source,
  facts: ReadonlyMap<Fact, Told>,
  logged: readonly LoggedError[],
): Promise<void> {
  const rows = FACTS.filter((fact) => facts.has(fact)).map((fact) => {
    const { call, reply } = facts.get(fact) as Told;
    // Laws name their jobs, or what is thrown, by what they are about.
    const by = logged.find(({ text }) => text.includes(fact))?.by;
    return [
      fact,
      { ...call, ...('returned' in call && { returned: call.returned ?? null }), ...reply, loggedBy: by ?? null },
    ];
  });
  await mkdir(FOLDER, { recursive: true });
  const file = path.join(
    FOLDER,
    `${name
      .replaceAll(/[^a-z]+/gi, ' ')
      .trim()
      .replaceAll(' ', '-')
      .toLowerCase()}.json`,
  );
  await writeFile(
    file,
    `${JSON.stringify({ name, family, answers, needs, facts: Object.fromEntries(rows) }, undefined, 2)}\n`,
  );
}
