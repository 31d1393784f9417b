import { setTimeout as sleep } from 'node:timers/promises';
import { folderSize } from './folder-size.js';
import type { InstalledPackage } from './installed-packages.js';
import { PackageError } from './package-error.js';

const LOOK_AGAIN_AFTER = 1_000;

/** npm is at work on it: what an audit finds now is half the truth. */
export class PackageChangingError extends PackageError {}

/** Throws PackageChangingError for a package that is being written, and the signal's reason when it fires. */
export async function checkIsStill({ folder }: InstalledPackage, signal: AbortSignal): Promise<void> {
  const first = await folderSize(folder, signal);
  await sleep(LOOK_AGAIN_AFTER, undefined, { signal });
  const second = await folderSize(folder, signal);
  if (first.files !== second.files || first.bytes !== second.bytes)
    throw new PackageChangingError(`it is being written: its size changed within ${LOOK_AGAIN_AFTER} ms`);
}
