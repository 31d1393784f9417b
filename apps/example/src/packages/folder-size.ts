import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Of the package alone: packages installed inside it are counted as themselves. Throws the signal's reason when it fires. */
export async function folderSize(folder: string, signal: AbortSignal): Promise<{ files: number; bytes: number }> {
  signal.throwIfAborted();
  let [files, bytes] = [0, 0];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const each = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      const inside = await folderSize(each, signal);
      files += inside.files;
      bytes += inside.bytes;
    } else {
      files += 1;
      bytes += (await lstat(each)).size;
    }
  }
  return { files, bytes };
}
