import { defineJob } from 'nestjs-job-tracking';
import { z } from 'zod';
import { Health } from '../packages/assess-health.js';
import { Licence } from '../packages/classify-licence.js';
import { PackageRecord } from '../packages/read-package.js';

// A job's id is its package, `name@version`, and that is its whole input: there is no data to keep, and whoever finds the
// job later can run it. What a step makes is its output, which the next step asks the tracker for.

export const readJob = defineJob('read', { output: PackageRecord });
export const classifyJob = defineJob('classify', { output: Licence, after: readJob });
export const assessJob = defineJob('assess', { output: Health, after: classifyJob });

/** In the order in which a package goes through them. */
export const STEPS = [readJob, classifyJob, assessJob] as const;

/** All three steps on one package at once, on demand. */
export const Audit = z.object({ package: z.string(), licence: Licence, health: Health });
export type Audit = z.infer<typeof Audit>;
export const auditJob = defineJob('audit', { output: Audit });
