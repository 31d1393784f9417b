import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import { redisConnection } from '../redis-connection.js';
import { TrackingModule } from '../tracking.module.js';
import { MailsProcessor } from './mails.processor.js';

export interface QueuesOptions {
  clientUrl: string;
  brokerUrl: string;
  /** Of all keys in Redis. */
  prefix: string;
}

@Module({})
export class QueuesModule {
  static forRoot({ clientUrl, brokerUrl, prefix }: QueuesOptions): DynamicModule {
    return {
      module: QueuesModule,
      imports: [
        TrackingModule.forRoot(clientUrl),
        BullModule.forRoot({ connection: redisConnection(brokerUrl), prefix }),
        BullModule.registerQueue({ name: 'mails' }),
      ],
      providers: [MailsProcessor],
    };
  }
}
