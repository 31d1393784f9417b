import { type DynamicModule, Module } from '@nestjs/common';
import { MemoryJobStore } from '../memory/index.js';
import { type CoreOptions, JobTrackingCoreModule } from '../nest/index.js';

/**
 * JobTrackingModule's twin on the in-memory store: no database, the same refusals. Each call has a store of its own, which the app gives as
 * `app.get(MemoryJobStore)`: its clock can be moved.
 */
@Module({})
export class JobTrackingTestingModule {
  static forRoot(options: CoreOptions = {}): DynamicModule {
    const store = new MemoryJobStore();
    const provider = { provide: MemoryJobStore, useValue: store };
    return {
      module: JobTrackingTestingModule,
      global: true,
      imports: [JobTrackingCoreModule.forStore(store, options)],
      providers: [provider],
      exports: [provider],
    };
  }
}
