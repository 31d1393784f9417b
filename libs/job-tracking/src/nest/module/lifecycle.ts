import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { InvalidOptionsError, type Tracking } from '../../protocol/index.js';
import { DeclaredHandlers } from '../declared/declared-handlers.js';
import { CORE_OPTIONS, TRACKING } from '../tokens.js';
import type { ResolvedCoreOptions } from './core-options.js';
import { JobTrackerService } from './job-tracker.service.js';

/** Ties the tracker to the app's life: the store opens first, consumers start with the app, runs end before anything they use is closed. */
@Injectable()
export class Lifecycle implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    @Inject(TRACKING) private readonly tracking: Tracking,
    @Inject(CORE_OPTIONS) private readonly options: ResolvedCoreOptions,
    @Inject(DeclaredHandlers) private readonly declared: DeclaredHandlers,
    @Inject(JobTrackerService) private readonly tracker: JobTrackerService,
  ) {}

  async onModuleInit(): Promise<void> {
    this.declared.check(this.tracking.defaults);
    await this.tracking.store.open();
  }

  onApplicationBootstrap(): void {
    for (const { kind, options, name, instance, method } of this.declared.consumers()) {
      if (!instance)
        throw new InvalidOptionsError(
          `@Consume on ${name}: expected a provider of one instance, got one that is made for each request`,
        );
      this.tracker.consume(kind, (run) => instance[method]?.(run), options);
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.tracking.runs.close(this.options.grace);
  }

  onApplicationShutdown(): Promise<void> {
    return this.tracking.store.close();
  }
}
