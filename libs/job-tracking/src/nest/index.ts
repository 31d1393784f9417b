export { HTTP_STATUS } from './answers/http-answers.js';
export { Consume } from './declared/consume.decorator.js';
export { JobConsoleLogger, type JobLogContext, jobLogContext } from './logging/console-logger.js';
export { EVENT_LEVELS } from './logging/event-logger.js';
export {
  CORE_OPTION_KEYS,
  type CoreOptions,
  type ResolvedCoreOptions,
  resolveCoreOptions,
} from './module/core-options.js';
export { JobTrackerService } from './module/job-tracker.service.js';
export { JobTrackingCoreModule } from './module/job-tracking-core.module.js';
export { CORE_OPTIONS, JOB_STORE } from './tokens.js';
export { CurrentJob } from './tracked/current-job.decorator.js';
export type { JobIdSource } from './tracked/job-id-source.js';
export { Tracked } from './tracked/tracked.decorator.js';
export { untracked } from './tracked/untracked.js';
