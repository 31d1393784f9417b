import { type DynamicModule, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TrackingModule } from '../tracking.module.js';
import { Customers } from './customers.js';

@Module({})
export class EventsModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return {
      module: EventsModule,
      imports: [TrackingModule.forRoot(clientUrl), EventEmitterModule.forRoot()],
      providers: [Customers],
    };
  }
}
