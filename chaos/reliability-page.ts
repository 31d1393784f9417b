import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Figures, faultsTold, totalOf } from './figures.js';

const FROM = '<!-- chaos: written by npm run chaos -- --write -->';
const TO = '<!-- /chaos -->';
const HEAD = [
  'seconds',
  'workers',
  'seed',
  'commit',
  'faults',
  'jobs',
  'attempts',
  'takeovers',
  'recovery in leases: median, worst',
  'lost',
  'doubled',
  'broken',
];

/** Puts a run's row into the table between the markers: in the place of an earlier one of the same command, else below. */
export function writeFigures(page: string, figures: Figures): void {
  const text = existsSync(page) ? readFileSync(page, 'utf8') : '# Reliability\n';
  const [before = '', rest] = text.split(FROM);
  const [section = '', after = ''] = rest === undefined ? [] : rest.split(TO);
  const row = rowOf(figures);
  const isSame = (other: readonly string[]) => [0, 1, 2].every((column) => other[column] === row[column]);
  const rows = rowsOf(section);
  const place = rows.findIndex(isSame);
  rows.splice(place < 0 ? rows.length : place, place < 0 ? 0 : 1, row);
  const head = rest === undefined ? `${before.trimEnd()}\n\n` : before;
  writeFileSync(page, `${head}${FROM}\n\n${tableOf(rows)}\n\n${TO}${after || '\n'}`);
}

function rowOf({ seconds, workers, seed, faults, jobs, attempts, takeovers, recovery, breaches }: Figures): string[] {
  const recovered = `${recovery.median.toFixed(1)}, ${recovery.worst.toFixed(1)}`;
  const { lost, doubled, broken } = breaches;
  const happened = `${totalOf(faults)}: ${faultsTold(faults)}`;
  const cells = [
    seconds,
    workers,
    seed,
    commit(),
    happened,
    jobs,
    attempts,
    takeovers,
    recovered,
    lost,
    doubled,
    broken,
  ];
  return cells.map(String);
}

/** A mark behind it: of files that are not committed yet. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  const changed = git('status', '--porcelain', '--', '../libs', '../chaos') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
}

function rowsOf(section: string): string[][] {
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.slice(2).map((line) => line.split('|').slice(1, -1));
  return rows.map((cells) => cells.map((cell) => cell.trim()));
}

function tableOf(rows: readonly string[][]): string {
  const widths = HEAD.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
