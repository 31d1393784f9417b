import { type DynamicModule, Module } from '@nestjs/common';
import { TrackingModule } from '../tracking.module.js';
import { OrdersGateway } from './orders.gateway.js';

@Module({})
export class SocketsModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return { module: SocketsModule, imports: [TrackingModule.forRoot(clientUrl)], providers: [OrdersGateway] };
  }
}
