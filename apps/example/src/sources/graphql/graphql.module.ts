import { type DynamicModule, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { TrackingModule } from '../tracking.module.js';
import { OrdersResolver } from './orders.resolver.js';

@Module({})
export class GraphqlModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return {
      module: GraphqlModule,
      imports: [
        TrackingModule.forRoot(clientUrl),
        GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, autoSchemaFile: true }),
      ],
      providers: [OrdersResolver],
    };
  }
}
