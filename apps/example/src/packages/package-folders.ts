import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Every package's folder in a node_modules, nested ones too, the outer before the inner. Symbolic links are skipped: what they lead to was not installed here. */
export async function* packageFolders(nodeModules: string): AsyncGenerator<string> {
  for (const folder of await foldersIn(nodeModules)) {
    const inScope = path.basename(folder).startsWith('@');
    for (const each of inScope ? await foldersIn(folder) : [folder]) {
      yield each;
      yield* packageFolders(path.join(each, 'node_modules'));
    }
  }
}

/** Names that start with a dot are npm's own. */
async function foldersIn(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(noneWhereMissing);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => path.join(parent, entry.name))
    .sort();
}

function noneWhereMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
