/** What the core module is built on; a store brings both. */
export const JOB_STORE = Symbol('job-tracking:store');
/** What every run of one app shares. */
export const TRACKING = Symbol('job-tracking:tracking');
export const CORE_OPTIONS = Symbol('job-tracking:options');
