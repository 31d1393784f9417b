import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Runner } from './runner.js';

/** Kept as it is when it is there. */
export async function prepareDataFolder(
  dataFolder: string,
  { initdb, fsync, runner }: { initdb: string; fsync: boolean; runner: Runner },
): Promise<void> {
  // The parent apart: a recursive mkdir gives it the mode 0700 too, and the user we drop to must pass through it.
  mkdirSync(path.dirname(dataFolder), { recursive: true });
  await checkReach(initdb, runner);
  if (existsSync(path.join(dataFolder, 'PG_VERSION'))) return;

  // Made beside and moved in place: an initdb that is killed leaves a folder that looks whole, and no server starts on it.
  const unfinished = `${dataFolder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (runner.owner) chownSync(unfinished, runner.owner.uid, runner.owner.gid);

  const noSync = fsync ? [] : ['--no-sync'];
  const cluster = ['-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'];
  await runner.run(initdb, ['-D', unfinished, ...cluster, ...noSync]);

  rmSync(dataFolder, { recursive: true, force: true });
  renameSync(unfinished, dataFolder);
}

async function checkReach(initdb: string, runner: Runner): Promise<void> {
  await runner.run(initdb, ['--version']).catch((cause: unknown) => {
    const who = runner.owner ? `user ${runner.owner.uid}, as PostgreSQL does not run as root,` : 'this user';
    throw new Error(`${who} cannot run ${initdb} from ${runner.options.cwd}`, { cause });
  });
}
