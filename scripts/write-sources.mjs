// node scripts/write-sources.mjs: puts what each source was seen to do (`npm test -- test/acceptance/sources` leaves it in .data/sources) into the
// table of docs/handlers.md, which that suite holds to it.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runnerImport } from 'vite';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'docs/handlers.md');
const [BEGIN, END] = ['<!-- sources: written by scripts/write-sources.mjs -->', '<!-- /sources -->'];

const { module } = await runnerImport(path.join(root, 'test/acceptance/sources/documented.ts'), {
  configFile: false,
  logLevel: 'error',
});
const seen = globSync(path.join(root, '.data/sources/*.json')).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const rows = [
  module.HEAD,
  module.HEAD.map(() => '---'),
  ...module.rowsOf(seen.sort((a, b) => (a.name < b.name ? -1 : 1))),
];
const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const text = readFileSync(page, 'utf8');
const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
if (to < from) throw new Error(`docs/handlers.md lacks the two lines between which the table stands`);
writeFileSync(page, `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`);
