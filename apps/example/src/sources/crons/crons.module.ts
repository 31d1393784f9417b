import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TrackingModule } from '../tracking.module.js';
import { NightlyBills } from './nightly-bills.js';
import { Sweeping } from './sweeping.js';

@Module({})
export class CronsModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return {
      module: CronsModule,
      imports: [TrackingModule.forRoot(clientUrl), ScheduleModule.forRoot()],
      providers: [NightlyBills, Sweeping],
    };
  }
}
