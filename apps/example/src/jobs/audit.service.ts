import { Injectable } from '@nestjs/common';
import { assessHealth } from '../packages/assess-health.js';
import { classifyLicence } from '../packages/classify-licence.js';
import { InstalledPackages } from '../packages/installed-packages.js';
import { readPackage } from '../packages/read-package.js';
import { checkIsStill } from '../packages/still-folder.js';
import type { Audit } from './kinds.js';

/**
 * The work that a route and a consumer share. Not decorated: a `@Tracked` method called inside a run of its own job would
 * find it locked, by that very run.
 */
@Injectable()
export class AuditService {
  constructor(private readonly installed: InstalledPackages) {}

  async audit(id: string, signal: AbortSignal): Promise<Audit> {
    const found = this.installed.get(id);
    // Asked for at any time, also in the middle of an `npm install`.
    await checkIsStill(found, signal);
    const record = await readPackage(found);
    const licence = classifyLicence(record);
    return { package: id, licence, health: await assessHealth(found, record, signal) };
  }
}
