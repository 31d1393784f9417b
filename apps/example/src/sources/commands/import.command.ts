import { Command, CommandRunner } from 'nest-commander';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';

@Command({ name: 'import', arguments: '<file>', description: 'Imports a file, once' })
export class ImportCommand extends CommandRunner {
  @Tracked(([file]: string[]) => file ?? '', { kind: 'import', timeout: '1h' })
  async run([_file]: string[], _options?: Record<string, unknown>, @CurrentJob() run?: JobRun): Promise<void> {
    for (const tenth of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) await run?.progress(tenth / 10);
  }
}
