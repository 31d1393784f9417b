import { Command, CommandRunner, CommandRunnerModule, CommandRunnerService } from 'nest-commander';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { startApp } from '../../../support/app.js';
import { type Input, type Kind, registered, type Source, type Stage } from '../index.js';

const inputOf = ([params]: unknown[]): Input => {
  const [kind, id] = params as [string, string];
  return { kind, id };
};

function command(stage: Stage, kind: Kind) {
  class Host extends CommandRunner {
    readonly stage = stage;

    @stage.handles({ ...kind, inputOf }, (params: string[]) => params[1] ?? '')
    async run(params: string[], _options?: Record<string, unknown>, @CurrentJob() run?: JobRun): Promise<void> {
      return this.stage.perform(run as JobRun, params) as Promise<void>;
    }
  }
  const Registered = registered(Host, kind);
  Command({ name: kind.name, arguments: '<kind> <id>' })(Registered);
  return Registered;
}

/** nest-commander awaits what a command returns, and tells nobody but the process’s error output. */
export const commands: Source = {
  name: 'a nest-commander command',
  family: 'caller',
  answers: false,
  turnsAway: [],
  async start(stage) {
    const providers = stage.kinds.map((kind) => command(stage, kind));
    const imports = [CommandRunnerModule.forModule(undefined, { serviceErrorHandler() {} } as never)];
    const app = await startApp({ ...stage.app, imports, providers });
    const runner = app.nest.get(CommandRunnerService);
    return {
      app,
      async send({ kind, id }) {
        await runner.run(['node', 'program', kind, kind, id]);
        return {};
      },
    };
  },
};
