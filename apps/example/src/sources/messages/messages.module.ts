import { type DynamicModule, Module } from '@nestjs/common';
import { TrackingModule } from '../tracking.module.js';
import { PaymentsController } from './payments.controller.js';

@Module({})
export class MessagesModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return {
      module: MessagesModule,
      imports: [TrackingModule.forRoot(clientUrl)],
      controllers: [PaymentsController],
    };
  }
}
