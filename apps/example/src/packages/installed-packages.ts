import { existsSync } from 'node:fs';
import path from 'node:path';
import { readManifest, UnreadableManifestError } from './manifest.js';
import { PackageError } from './package-error.js';
import { packageFolders } from './package-folders.js';

export interface InstalledPackage {
  /** `name@version`, or the place in node_modules where package.json does not tell. */
  id: string;
  name: string;
  folder: string;
}

/** Registered by an earlier run, and uninstalled since. */
export class PackageGoneError extends PackageError {}

/** What stands in a node_modules, by id. One that is installed in several places is one package: its outermost place counts. */
export class InstalledPackages {
  readonly #byId = new Map<string, InstalledPackage>();

  private constructor(readonly nodeModules: string) {}

  static async in(nodeModules: string): Promise<InstalledPackages> {
    const installed = new InstalledPackages(path.resolve(nodeModules));
    for await (const folder of packageFolders(installed.nodeModules)) await installed.#add(folder);
    return installed;
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  get(id: string): InstalledPackage {
    const found = this.#byId.get(id);
    if (!found) throw new PackageGoneError(`${id} is not installed any more`);
    return found;
  }

  /** By `name@version`; by a name alone the version that the application itself would import, else every version there is. */
  find(wanted: string): InstalledPackage[] {
    const exact = this.#byId.get(wanted);
    if (exact) return [exact];
    const versions = [...this.#byId.values()].filter(({ name }) => name === wanted);
    const outermost = versions.find(({ name, folder }) => folder === path.join(this.nodeModules, name));
    return outermost ? [outermost] : versions;
  }

  async #add(folder: string): Promise<void> {
    if (!existsSync(path.join(folder, 'package.json'))) return;
    const found = await this.#identify(folder);
    const known = this.#byId.get(found.id);
    if (!known || depthOf(found) < depthOf(known)) this.#byId.set(found.id, found);
  }

  /** A package whose manifest cannot be read is there all the same: its `read` job says what is wrong. */
  async #identify(folder: string): Promise<InstalledPackage> {
    try {
      const { name, version } = await readManifest(folder);
      return { id: `${name}@${version}`, name, folder };
    } catch (error) {
      if (!(error instanceof UnreadableManifestError)) throw error;
      const place = path.relative(this.nodeModules, folder).replaceAll(path.sep, '/');
      return { id: place, name: place, folder };
    }
  }
}

function depthOf({ folder }: InstalledPackage): number {
  return folder.split(`${path.sep}node_modules${path.sep}`).length;
}
