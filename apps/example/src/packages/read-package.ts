import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { InstalledPackage } from './installed-packages.js';
import { readManifest } from './manifest.js';

/** What the first step finds and the later ones judge. It says nothing of where the package stands: a reinstall may move it. */
export const PackageRecord = z.object({
  name: z.string(),
  version: z.string(),
  /** As package.json has it, whatever its form. */
  license: z.json().optional(),
  /** The array of before npm 2. */
  licenses: z.json().optional(),
  engines: z.record(z.string(), z.string()),
  scripts: z.record(z.string(), z.string()),
  /** Files that hold a licence's text. */
  licenceTexts: z.array(z.object({ file: z.string(), characters: z.int() })),
  hasNativeBuild: z.boolean(),
});
export type PackageRecord = z.infer<typeof PackageRecord>;

export async function readPackage({ folder }: InstalledPackage): Promise<PackageRecord> {
  const manifest = await readManifest(folder);
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map(({ name }) => licenceText(folder, name)));
  return {
    name: manifest.name,
    version: manifest.version,
    license: manifest.license,
    licenses: manifest.licenses,
    engines: manifest.engines ?? {},
    scripts: manifest.scripts ?? {},
    licenceTexts: texts.filter((text) => text !== undefined),
    hasNativeBuild: files.some(({ name }) => name === 'binding.gyp'),
  };
}

const LICENCE_FILE = /licen[cs]e|^copying|^unlicense/i;
const PROSE = /\.(md|markdown|txt|bsd|mit|apache)$|^[^.]*$/i;
const README = /^readme(\.(md|markdown|txt))?$/i;
/** A file that only says «MIT» or where to look is no licence text; the shortest in use has some 600 characters. */
const SHORTEST_TEXT = 300;
/** Words that the common licences' texts have, and sentences about them have not. */
const GRANT =
  /permission is hereby granted|permission to use, copy, modify|redistribution and use in source and binary|terms and conditions for use, reproduction/i;

/** Under a name that says so, or the whole text in a README. */
async function licenceText(folder: string, file: string) {
  const isReadme = README.test(file);
  if (!isReadme && !(LICENCE_FILE.test(file) && PROSE.test(file))) return undefined;
  const text = (await readFile(path.join(folder, file), 'utf8')).trim();
  const isText = isReadme ? GRANT.test(text.replaceAll(/\s+/g, ' ')) : text.length >= SHORTEST_TEXT;
  return isText ? { file, characters: text.length } : undefined;
}
