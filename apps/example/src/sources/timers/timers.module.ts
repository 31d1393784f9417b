import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TrackingModule } from '../tracking.module.js';
import { Rates } from './rates.js';

@Module({})
export class TimersModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return {
      module: TimersModule,
      imports: [TrackingModule.forRoot(clientUrl), ScheduleModule.forRoot()],
      providers: [Rates],
    };
  }
}
