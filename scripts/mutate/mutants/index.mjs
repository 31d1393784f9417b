import { claims } from './claims.mjs';
import { operators } from './operators.mjs';
import { runPath } from './run-path.mjs';
import { runs } from './runs.mjs';
import { storeCode } from './store.mjs';

/** Each takes one thing away that the promise stands on. `find` stands in `file` exactly once. */
export const MUTANTS = [...claims, ...runs, ...operators, ...storeCode, ...runPath];
