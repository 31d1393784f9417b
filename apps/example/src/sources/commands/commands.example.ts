import { CommandFactory, CommandRunnerService } from 'nest-commander';
import { JobAlreadySucceededError } from 'nestjs-job-tracking';
import type { Example } from '../example.js';
import { CommandsModule } from './commands.module.js';

/** Left to itself, nest-commander writes the error to the process's error output, and the process ends well. */
const errors: Error[] = [];

export const commands: Example = {
  start: ({ clientUrl }, logger) =>
    CommandFactory.createWithoutRunning(CommandsModule.forRoot({ clientUrl }), {
      logger,
      abortOnError: false,
      serviceErrorHandler: (error) => void errors.push(error),
    }),

  /** As two starts of the program. */
  async send(app, { mark, say }) {
    const file = `orders-${mark}.csv`;
    for (const what of [`import ${file}`, 'the same again']) {
      await app.get(CommandRunnerService).run(['node', 'program', 'import', file]);
      say(what, wordOf(errors.splice(0)));
    }
    return [{ kind: 'import', id: file }];
  },
};

function wordOf([error]: Error[]): string {
  if (error instanceof JobAlreadySucceededError) return 'was imported before';
  return error?.message ?? 'imported';
}
