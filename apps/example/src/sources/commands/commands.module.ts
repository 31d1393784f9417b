import { type DynamicModule, Module } from '@nestjs/common';
import { TrackingModule } from '../tracking.module.js';
import { ImportCommand } from './import.command.js';

@Module({})
export class CommandsModule {
  static forRoot({ clientUrl }: { clientUrl: string }): DynamicModule {
    return { module: CommandsModule, imports: [TrackingModule.forRoot(clientUrl)], providers: [ImportCommand] };
  }
}
