import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './tree.mjs';

export const PAGE = 'docs/reliability.md';
const [BEGIN, END] = ['<!-- mutations: written by npm run mutate -->', '<!-- /mutations -->'];
const HEAD = ['statement or guard', 'without', 'the law that goes red', 'in'];

/** What the page says of each mutant, by its name: the law that went red, and where it stands. */
export function readTable() {
  const [, section = ''] = splitPage();
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((row) => {
      const [of, what, law, spec] = row
        .slice(2, -2)
        .split(/ (?<!\\)\| /)
        .map(unescaped);
      return [nameOf({ of, what }), { law, spec }];
    }),
  );
}

export function nameOf({ of, what }) {
  return `${of}: ${what}`;
}

/** `killed`: by name. Mutants without an entry have no row. */
export function writeTable(mutants, killed) {
  const [before, , after] = splitPage();
  const known = mutants.filter(({ name }) => killed.has(name));
  const rows = known.map(({ of, what, name }) => {
    const { law, spec } = killed.get(name);
    return `| ${[`\`${of}\``, what, law, `\`${spec}\``].map(escaped).join(' | ')} |`;
  });
  const files = new Set(known.map(({ file }) => file));
  const rest = mutants.length - known.length;
  const figures =
    rest === 0
      ? `${known.length} mutants in ${files.size} files, ${known.length} killed, none survived.`
      : `${known.length} of ${mutants.length} mutants have been tried, and killed. The other ${rest} have not been tried yet, or survived.`;
  const lines = [figures, '', `| ${HEAD.join(' | ')} |`, `|${' --- |'.repeat(HEAD.length)}`, ...rows];
  writeFileSync(path.join(root, PAGE), `${before}${BEGIN}\n\n${lines.join('\n')}\n\n${END}${after}`);
}

function splitPage() {
  const page = readFileSync(path.join(root, PAGE), 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${PAGE} lacks the two lines between which the table stands`);
  return [page.slice(0, from), page.slice(from + BEGIN.length, to), page.slice(to + END.length)];
}

function escaped(cell) {
  return cell.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function unescaped(cell) {
  return cell.trim().replaceAll('\\|', '|').replaceAll('&lt;', '<').replaceAll('`', '');
}
