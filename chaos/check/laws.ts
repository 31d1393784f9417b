import { BROKEN } from './broken.js';
import { DOUBLED } from './doubled.js';
import type { Law } from './law.js';
import { LOST } from './lost.js';

export const HARMS = ['lost', 'doubled', 'broken'] as const;

export type Harm = (typeof HARMS)[number];

export const LAWS: Readonly<Record<Harm, readonly Law[]>> = { lost: LOST, doubled: DOUBLED, broken: BROKEN };
