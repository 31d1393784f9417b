import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** A fenced block: ```` ```ts charge.kind.ts ```` or ```` ```ts run ````. */
export interface Block {
  page: string;
  /** Of the block's first line, in the page. */
  line: number;
  language: string;
  /** What stands behind the language in the fence's first line. */
  words: string[];
  code: string;
}

/** Every page that a user reads, by its path from the root. */
export function pages(): string[] {
  const named = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
  return [...named, ...globSync('docs/**/*.md', { cwd: ROOT }).map((page) => page.replaceAll('\\', '/'))].sort();
}

export function textOf(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8');
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: (Block & { indent: number; fence: string }) | undefined;
  for (const [index, line] of textOf(page).split('\n').entries()) {
    const [, indent = '', fence = '', info = ''] = /^( *)(`{3,})(.*)$/.exec(line) ?? [];
    if (open && fence === open.fence && info === '') {
      const { indent: _, fence: __, ...block } = open;
      blocks.push(block);
      open = undefined;
    } else if (open) open.code += `${line.slice(open.indent)}\n`;
    else if (fence) {
      const [language = '', ...words] = info.trim().split(/\s+/);
      open = { page, line: index + 2, language, words, code: '', indent: indent.length, fence };
    }
  }
  if (open) throw new Error(`${page}:${open.line - 1}: a block that does not end`);
  return blocks;
}

export function allBlocks(language: string): Block[] {
  return pages().flatMap((page) => blocksOf(page).filter((block) => block.language === language));
}

export type Row = Record<string, string>;

/** The rows of the first table below a heading (or of the page), by the words of its head. A cell that is code alone is without its ticks. */
export function tableOf(page: string, heading?: string): Row[] {
  const lines = withoutBlocks(page);
  const from = heading === undefined ? 0 : lines.findIndex((line) => /^#+ /.test(line) && titleOf(line) === heading);
  if (from < 0) throw new Error(`${page}: no heading «${heading}»`);
  const start = lines.findIndex((line, index) => index >= from && line.startsWith('|'));
  if (start < 0) throw new Error(`${page}: no table below «${heading}»`);
  const [head = [], , ...rows] = untilGap(lines.slice(start)).map(cellsOf);
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
}

export function column(rows: readonly Row[], name: string): string[] {
  return rows.map((row) => {
    const cell = row[name];
    if (cell === undefined) throw new Error(`no column «${name}», there are: ${Object.keys(row).join(', ')}`);
    return cell;
  });
}

/** Headings as GitHub names them in a link. */
export function anchorsOf(page: string): string[] {
  return withoutBlocks(page)
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      titleOf(line)
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
}

export function linksOf(page: string): string[] {
  return [
    ...withoutBlocks(page)
      .join('\n')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, link = '']) => link);
}

function titleOf(line: string): string {
  return line.replace(/^#+ /, '').replaceAll('`', '').trim();
}

/** Lines, those of fenced blocks empty. */
function withoutBlocks(page: string): string[] {
  let fence = '';
  return textOf(page)
    .split('\n')
    .map((line) => {
      const [, ticks = ''] = /^ *(`{3,})/.exec(line) ?? [];
      if (fence) {
        if (ticks === fence) fence = '';
        return '';
      }
      fence = ticks;
      return ticks ? '' : line;
    });
}

function untilGap(lines: readonly string[]): string[] {
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end < 0 ? undefined : end);
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
    .map((cell) => /^`([^`]+)`$/.exec(cell)?.[1] ?? cell);
}
