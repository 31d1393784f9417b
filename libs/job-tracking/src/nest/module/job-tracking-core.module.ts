import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import {
  ActiveRuns,
  type JobReader,
  type JobStore,
  Payloads,
  refuseUnknownKeys,
  type Tracking,
  tellAll,
} from '../../protocol/index.js';
import { DeclaredHandlers } from '../declared/declared-handlers.js';
import { JobEventLogger } from '../logging/event-logger.js';
import { CORE_OPTIONS, JOB_STORE, TRACKING } from '../tokens.js';
import { CORE_OPTION_KEYS, type CoreOptions, type ResolvedCoreOptions, resolveCoreOptions } from './core-options.js';
import { JobTrackerService } from './job-tracker.service.js';
import { Lifecycle } from './lifecycle.js';

export interface CoreAssembly {
  imports?: ModuleMetadata['imports'];
  /** Must provide CORE_OPTIONS (resolved) and JOB_STORE. */
  providers: Provider[];
  exports?: DynamicModule['exports'];
}

/** Everything but the store. Global: handlers of every module are tracked by the one tracker of their app. */
@Module({})
export class JobTrackingCoreModule {
  /** The tracker on a store of any make. Throws InvalidOptionsError for a malformed or unknown option. */
  static forStore(store: JobStore & JobReader, options: CoreOptions = {}): DynamicModule {
    refuseUnknownKeys(options, CORE_OPTION_KEYS, 'JobTrackingCoreModule');
    const core = resolveCoreOptions(options, 'JobTrackingCoreModule');
    const providers = [
      { provide: CORE_OPTIONS, useValue: core },
      { provide: JOB_STORE, useValue: store },
    ];
    return JobTrackingCoreModule.assemble({ providers });
  }

  static assemble({ imports = [], providers, exports = [] }: CoreAssembly): DynamicModule {
    return {
      module: JobTrackingCoreModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        ...providers,
        { provide: TRACKING, inject: [JOB_STORE, CORE_OPTIONS, JobEventLogger], useFactory: trackingOf },
        JobEventLogger,
        JobTrackerService,
        DeclaredHandlers,
        Lifecycle,
      ],
      exports: [JobTrackerService, TRACKING, ...exports],
    };
  }
}

function trackingOf(store: JobStore & JobReader, options: ResolvedCoreOptions, logger: JobEventLogger): Tracking {
  const { worker, defaults, limits, redact, events } = options;
  return {
    store,
    events: tellAll([logger, ...events], (listener, error) => logger.listenerFailed(listener, error)),
    payloads: new Payloads(limits, redact),
    worker,
    defaults,
    runs: new ActiveRuns(),
  };
}
