import { type DynamicModule, Module } from '@nestjs/common';
import { TrackingModule } from '../tracking.module.js';
import { Bank } from './bank.js';
import { PaymentsConsumer } from './payments.consumer.js';
import { PaymentsOptions } from './payments.options.js';

export interface AcknowledgementOptions {
  clientUrl: string;
  brokerUrl: string;
  queue: string;
}

@Module({})
export class AcknowledgementModule {
  static forRoot({ clientUrl, brokerUrl, queue }: AcknowledgementOptions): DynamicModule {
    return {
      module: AcknowledgementModule,
      imports: [TrackingModule.forRoot(clientUrl)],
      providers: [
        Bank,
        PaymentsConsumer,
        { provide: PaymentsOptions, useValue: new PaymentsOptions(brokerUrl, queue) },
      ],
    };
  }
}
