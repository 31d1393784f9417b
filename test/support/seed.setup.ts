// Runs before each file of tests: what fast-check draws begins with the seed, too.
import fc from 'fast-check';
import { SEED } from './seed.js';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });
