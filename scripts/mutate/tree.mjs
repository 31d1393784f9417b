import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const LEFT_OUT = new Set(['node_modules', 'dist', '.data', '.git', 'coverage', 'bench']);

/** Copies of the working tree as it is now, uncommitted changes too, in a folder that goes with this process. */
export function copyTrees(count) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'job-tracking-mutants-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return Array.from({ length: count }, (_, i) => {
    const tree = path.join(folder, String(i + 1));
    mkdirSync(tree);
    cpSync(root, tree, { recursive: true, filter: (source) => !LEFT_OUT.has(path.relative(root, source)) });
    symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'), 'junction');
    return tree;
  });
}

/** The file with the mutant in it. What a mutant spoils must be there, and once: so the list stays true. */
export function spoiled({ name, file, find, put }, tree = root) {
  const text = readFileSync(path.join(tree, file), 'utf8');
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`${name}: ${file} holds it ${times} times, not once: ${find}`);
  return text.replace(find, () => put);
}
