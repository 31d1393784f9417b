import { type DynamicModule, Module } from '@nestjs/common';
import { TrackingModule } from '../tracking.module.js';
import { Archive } from './archive.js';
import { ExportsController } from './exports.controller.js';

@Module({})
export class StreamsModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return {
      module: StreamsModule,
      imports: [TrackingModule.forRoot(clientUrl)],
      controllers: [ExportsController],
      providers: [Archive],
    };
  }
}
