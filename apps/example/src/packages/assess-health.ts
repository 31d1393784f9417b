import { z } from 'zod';
import { folderSize } from './folder-size.js';
import type { InstalledPackage } from './installed-packages.js';
import { PackageError } from './package-error.js';
import type { PackageRecord } from './read-package.js';

export const Health = z.object({
  /** The files with the licence's text. */
  licenceTexts: z.array(z.string()).min(1),
  /** The versions of Node that it says it runs on; null: it does not say. */
  node: z.string().nullable(),
  /** Scripts that npm runs when it installs the package. */
  installScripts: z.array(z.string()),
  files: z.int(),
  bytes: z.int(),
});
export type Health = z.infer<typeof Health>;

/** Most licences ask that their text goes with every copy. */
export class NoLicenceTextError extends PackageError {}

/** Throws the signal's reason when it fires. */
export async function assessHealth(
  { folder }: InstalledPackage,
  record: PackageRecord,
  signal: AbortSignal,
): Promise<Health> {
  const licenceTexts = record.licenceTexts.map(({ file }) => file);
  if (licenceTexts.length === 0)
    throw new NoLicenceTextError('ships no licence text, neither a file nor in its README');
  const node = record.engines.node ?? null;
  return { licenceTexts, node, installScripts: installScriptsOf(record), ...(await folderSize(folder, signal)) };
}

function installScriptsOf({ scripts, hasNativeBuild }: PackageRecord): string[] {
  const named = ['preinstall', 'install', 'postinstall'].filter((name) => Object.hasOwn(scripts, name));
  // npm's own rule: a binding.gyp and no script that says otherwise is `node-gyp rebuild`.
  const implied = hasNativeBuild && !named.includes('install') && !named.includes('preinstall');
  return implied ? [...named, 'install'] : named;
}
