import type { Chapter } from './chapter.js';
import { due } from './due.js';
import { fencing } from './fencing.js';
import { granting } from './granting.js';
import { history } from './history.js';
import { leases } from './leases.js';
import { operating } from './operating.js';
import { outcomes } from './outcomes.js';
import { reading } from './reading.js';
import { registering } from './registering.js';
import { ordering } from './steps.js';
import { verifying } from './verifying.js';

/** In the order in which a store grows. */
export const CHAPTERS: readonly Chapter[] = [
  registering,
  granting,
  ordering,
  leases,
  fencing,
  outcomes,
  history,
  due,
  operating,
  reading,
  verifying,
];
