import { Controller, Injectable, Module, Post, Scope } from '@nestjs/common';
import { Consume, defineJob, InvalidOptionsError, type JobRun, Tracked } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { startApp } from '../support/app.js';
import { createTestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const report = defineJob<{ day: string }, { pages: number }>('report');
const audit = defineJob<{ name: string }, string>('audit');

@Injectable()
class Printer {
  pages = 3;
}

@Injectable()
class Reports {
  readonly seen: string[] = [];

  constructor(private readonly printer: Printer) {}

  @Consume(report, { pollInterval: 10, concurrency: 2 })
  async print(run: JobRun<typeof report>) {
    this.seen.push(run.job.data.day);
    return { pages: this.printer.pages };
  }
}

@Injectable()
class Audits {
  of(run: JobRun<typeof audit>): string {
    return `${run.job.data.name}: fine`;
  }
}

@Controller('audits')
class AuditsController {
  constructor(private readonly audits: Audits) {}

  @Consume(audit, { pollInterval: 10 })
  consumed(run: JobRun<typeof audit>) {
    return this.audits.of(run);
  }

  @Post()
  @Tracked('name', audit)
  posted() {
    return 'the route';
  }
}

@Module({ providers: [Printer, Reports] })
class ReportsModule {}
@Module({ imports: [ReportsModule] })
class OtherModule {}

describe('@Consume', () => {
  const bed = useTrackedApp({
    imports: [OtherModule, ReportsModule],
    controllers: [AuditsController],
    providers: [Audits],
  });

  test('runs the due jobs of its kind from the app’s start, with what its class injects', async () => {
    await bed.tracker.register({ kind: report, id: '1', data: { day: 'monday' } });
    await eventually(async () => {
      expect(await bed.tracker.get({ kind: report, id: '1' })).toMatchObject({
        status: 'succeeded',
        output: { pages: 3 },
      });
    });
    expect(bed.app.nest.get(Reports, { strict: false }).seen).toEqual(['monday']);
  });

  test('may stand in a controller, beside a route of the same kind that shares an undecorated method', async () => {
    await bed.tracker.register({ kind: audit, id: 'left-pad', data: { name: 'left-pad' } });
    await eventually(async () => {
      expect(await bed.tracker.get({ kind: audit, id: 'left-pad' })).toMatchObject({ output: 'left-pad: fine' });
    });
  });

  test('its method may be called like any other', async () => {
    const run = { job: { data: { name: 'by hand' } } } as JobRun<typeof audit>;
    expect(bed.app.nest.get(AuditsController).consumed(run)).toBe('by hand: fine');
  });
});

test('it stops with the app: what runs ends, nothing more is claimed', async () => {
  const entered = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const database = await createTestDatabase();
  @Injectable()
  class Slow {
    @Consume('slow', { pollInterval: 10, concurrency: 1 })
    async run() {
      entered.resolve();
      await end.promise;
      return 'ended';
    }
  }
  const app = await startApp({ url: database.url, providers: [Slow] });
  const looker = await startApp({ url: database.url });
  try {
    await app.tracker.registerMany([
      { kind: 'slow', id: '1' },
      { kind: 'slow', id: '2' },
    ]);
    await entered.promise;
    const closing = app.close();
    end.resolve();
    await closing;
    expect(await looker.tracker.get({ kind: 'slow', id: '1' })).toMatchObject({ status: 'succeeded', output: 'ended' });
    expect(await looker.tracker.get({ kind: 'slow', id: '2' })).toMatchObject({ status: 'pending', claims: 0 });
  } finally {
    await looker.close();
    await database.drop();
  }
});

describe('a declaration that cannot work stops the start', () => {
  const bed = useTrackedApp();

  test('on a class that is made for each request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @Consume('per-request')
      run() {}
    }
    const starting = startApp({ url: bed.database.url, providers: [PerRequest] });
    const error = await thrownBy(() => starting, InvalidOptionsError);
    expect(error.message).toContain('@Consume on PerRequest.run: expected a provider of one instance');
  });

  test.each<[object, RegExp]>([
    [{ concurrency: 0 }, /@Consume\(bad\): expected concurrency to be .*, got: 0/],
    [{ lease: 30 }, /@Consume\(bad\): expected lease to be at least 500 ms, got: 30/],
    [{ cuncurrency: 3 }, /@Consume\(bad\): unknown option 'cuncurrency', did you mean 'concurrency'\?/],
  ])('with malformed options, already at decoration: %o', async (options, message) => {
    const error = await thrownBy(() => Consume('bad', options), InvalidOptionsError);
    expect(error.message).toMatch(message);
  });
});
