// What stops an app's start, or its decorators: each message names the place, what was expected, and what came.
import { Controller, Get, Injectable, Module, Param, Post, Res } from '@nestjs/common';
import {
  Consume,
  defineJob,
  InvalidJobError,
  InvalidOptionsError,
  type JobRun,
  JobTrackingModule,
  type JobTrackingOptions,
  Tracked,
} from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { thrownBy } from '../support/thrown.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

type Classes = { controllers?: (new () => object)[]; providers?: (new () => object)[] };
async function startWith(classes: Classes, tracking: JobTrackingOptions = {}): Promise<void> {
  await using _app = await startApp({ url: database.url, tracking, ...classes });
}
const refused = async (classes: Classes, tracking?: JobTrackingOptions) =>
  (await thrownBy(() => startWith(classes, tracking), InvalidOptionsError)).message;

test('the module is imported once: a second tracker, with options of its own, stops the start', async () => {
  const imports = [JobTrackingModule.forRoot({ worker: 'another' })];
  const start = () => startApp({ url: database.url, imports });
  expect((await thrownBy(start, InvalidOptionsError)).message).toMatch(/imported once in an app, got it 2 times/);
});

describe('handlers', () => {
  test('two without a kind would share their jobs', async () => {
    @Injectable()
    class One {
      @Tracked('id')
      first(id: string) {
        return id;
      }
    }
    @Injectable()
    class Other {
      @Tracked('id')
      second(id: string) {
        return id;
      }
    }
    await startWith({ providers: [One] });
    expect(await refused({ providers: [One, Other] })).toMatch(
      /@Tracked on (One\.first and on Other\.second|Other\.second and on One\.first): both without a kind/,
    );
  });

  test('two of one kind need one policy', async () => {
    @Injectable()
    class Ships {
      @Tracked('id', { kind: 'ship', maxAttempts: 5 })
      one(id: string) {
        return id;
      }

      @Tracked('id', { kind: 'ship', maxAttempts: 6 })
      other(id: string) {
        return id;
      }
    }
    expect(await refused({ providers: [Ships] })).toMatch(
      /Ships\.one and Ships\.other handle the kind 'ship' by unlike policies \(maxAttempts\); declare the kind once with defineJob/,
    );
  });

  test('two of one kind with the same policy, or one value, are fine', async () => {
    const ship = defineJob('ship', { maxAttempts: 5, backoff: { first: '1s', max: '1m' }, classify: () => undefined });
    @Injectable()
    class Ships {
      @Tracked('id', ship)
      one(id: string) {
        return id;
      }

      @Tracked('id', ship)
      other(id: string) {
        return id;
      }

      @Tracked('id', { kind: 'pack', backoff: { first: '1s', max: '1m' }, after: ['ship'] })
      pack(id: string) {
        return id;
      }

      @Tracked('id', { kind: 'pack', backoff: { first: '1s', max: '1m' }, after: [ship] })
      packToo(id: string) {
        return id;
      }
    }
    await startWith({ providers: [Ships] });
  });

  test('a consumer may be more patient than nobody: its own policy must be its kind’s, less what it has no say in', async () => {
    const audit = defineJob('audit', { maxAttempts: 5, onDuplicate: 'replay' });
    @Controller()
    class Audits {
      @Post(':id')
      @Tracked('id', audit)
      posted(@Param('id') id: string) {
        return id;
      }
    }
    @Injectable()
    class Consumes {
      @Consume(audit, { concurrency: 3 })
      consumed() {
        return 'ok';
      }
    }
    @Injectable()
    class ConsumesOtherwise {
      @Consume(audit, { maxAttempts: 9 })
      consumed() {
        return 'ok';
      }
    }
    await startWith({ controllers: [Audits], providers: [Consumes] });
    expect(await refused({ controllers: [Audits], providers: [ConsumesOtherwise] })).toMatch(
      /unlike policies \(maxAttempts\)/,
    );
  });

  test.each([
    ['above', [Consume('both', { pollInterval: 10 }), Tracked('job.id', 'both')]],
    ['below', [Tracked('job.id', 'both'), Consume('both', { pollInterval: 10 })]],
    ['of another kind', [Consume('both'), Tracked('job.id', 'another')]],
  ])('@Consume and @Tracked on one method, where each job would be locked by itself: %s', async (_, decorators) => {
    @Injectable()
    class Both {
      run(run: JobRun) {
        return run.job.id;
      }
    }
    const method = Object.getOwnPropertyDescriptor(Both.prototype, 'run') as PropertyDescriptor;
    for (const decorate of decorators.toReversed()) decorate(Both.prototype, 'run', method as never);
    Object.defineProperty(Both.prototype, 'run', method);
    expect(await refused({ providers: [Both] })).toBe(
      '@Consume and @Tracked on Both.run: expected one of the two, as a consumed job is tracked already; put the work into a method without either, which both call',
    );
  });

  test('two consumers of one kind, of which one would get nothing', async () => {
    const audit = defineJob('audit', { maxAttempts: 5 });
    @Injectable()
    class One {
      @Consume(audit)
      first() {}
    }
    @Injectable()
    class Other {
      @Consume('audit', { maxAttempts: 5 })
      second() {}
    }
    await startWith({ providers: [One] });
    expect(await refused({ providers: [One, Other] })).toBe(
      "@Consume on One.first and on Other.second: expected one consumer of the kind 'audit' in an app, as each of its jobs would go to either; give one another kind",
    );
    @Injectable()
    class Inheriting extends One {}
    expect(await refused({ providers: [One, Inheriting] })).toContain('@Consume on One.first and on Inheriting.first');
  });

  test('one consumer may stand in many modules', async () => {
    @Injectable()
    class Audits {
      @Consume('audit')
      run() {}
    }
    @Module({ providers: [Audits] })
    class Elsewhere {}
    await using app = await startApp({ url: database.url, imports: [Elsewhere], providers: [Audits] });
    expect(app.tracker).toBeDefined();
  });

  test('two @Tracked of one kind on one method, of which the inner would be locked by the outer', async () => {
    const decorate = () => {
      class Twice {
        @Tracked('id', defineJob('twice'))
        @Tracked('id', { kind: 'twice' })
        run(id: string) {
          return id;
        }
      }
      return Twice;
    };
    expect((await thrownBy(decorate, InvalidOptionsError)).message).toBe(
      "@Tracked on Twice.run: expected one @Tracked of the kind 'twice', got two, of which one would be locked by the other",
    );
    @Injectable()
    class Nested {
      @Tracked('id', 'outer')
      @Tracked('id', 'inner')
      run(id: string) {
        return id;
      }
    }
    await using app = await startApp({ url: database.url, providers: [Nested] });
    expect(await app.nest.get(Nested).run('7')).toBe('7');
    expect(await app.tracker.count({ ids: ['7'], status: 'succeeded' })).toBe(2);
  });

  test('skip on a route would answer with nothing', async () => {
    @Controller()
    class Routes {
      @Get(':id')
      @Tracked('id', { kind: 'route', onDuplicate: 'skip' })
      route(@Param('id') id: string) {
        return id;
      }
    }
    const message =
      /@Tracked on Routes\.route: onDuplicate 'skip' would answer a duplicate with nothing on an HTTP route; choose one of 'replay', 'join', 'refuse'/;
    expect(await refused({ controllers: [Routes] })).toMatch(message);
  });

  test.each(['replay', 'join'] as const)(
    '%s on a route that sends its own response would leave a duplicate without an answer',
    async (onDuplicate) => {
      @Controller()
      class Routes {
        @Get(':id')
        @Tracked('id', { kind: 'route', onDuplicate })
        route(@Param('id') id: string, @Res() response: { send(body: string): void }) {
          response.send(id);
        }
      }
      @Controller()
      class PassingThrough {
        @Get(':id')
        @Tracked('id', { kind: 'passing', onDuplicate })
        route(@Param('id') id: string, @Res({ passthrough: true }) _response: object) {
          return id;
        }
      }
      await startWith({ controllers: [PassingThrough] });
      expect(await refused({ controllers: [Routes] })).toBe(
        `@Tracked on Routes.route: onDuplicate '${onDuplicate}' would leave a duplicate without an answer, as the method sends its own response; use @Res({ passthrough: true }) or return the output`,
      );
    },
  );

  test('skip that comes from the app’s defaults is one, too', async () => {
    @Controller()
    class Routes {
      @Get(':id')
      @Tracked('id', 'route')
      route(@Param('id') id: string) {
        return id;
      }
    }
    expect(await refused({ controllers: [Routes] }, { defaults: { onDuplicate: 'skip' } })).toMatch(/'skip'/);
  });

  test('a step that is given by name must be somebody’s', async () => {
    @Injectable()
    class Steps {
      @Tracked('id', 'charge')
      charge(id: string) {
        return id;
      }

      @Tracked('id', { kind: 'ship', after: ['charge', 'chrage'] })
      ship(id: string) {
        return id;
      }
    }
    expect(await refused({ providers: [Steps] })).toMatch(
      /Steps\.ship comes after 'chrage', a kind that no handler declares; did you mean 'charge'\?/,
    );
  });

  test('a step given by its kind’s own value may be run elsewhere', async () => {
    @Injectable()
    class Steps {
      @Tracked('id', { kind: 'ship', after: defineJob('charged by another service') })
      ship(id: string) {
        return id;
      }
    }
    await startWith({ providers: [Steps] });
  });
});

const policies: [options: object, message: RegExp][] = [
  [{ lease: 30 }, /: expected lease to be at least 500 ms, got: 30$/],
  [{ lease: -1 }, /lease to be a duration .*, got: -1/],
  [{ lease: '30 seconds' }, /lease to be a duration .*, got: "30 seconds"/],
  [{ lease: Number.NaN }, /lease to be a duration .*, got: NaN/],
  [{ lease: null }, /lease to be a duration .*, got: null/],
  [{ lease: '60d' }, /lease to be at most \d+ ms, got: "60d"/],
  [{ timeout: 0 }, /timeout to be at least 1 ms, got: 0/],
  [{ maxAttempts: 0 }, /expected maxAttempts to be a whole number from 1 to 1000000, got: 0/],
  [{ maxAttempts: 2.5 }, /expected maxAttempts to be .*, got: 2\.5/],
  [{ maxCrashes: '3' }, /expected maxCrashes to be .*, got: "3"/],
  [{ backoff: { first: '1m', max: '1s' } }, /backoff\.max to be at least 60000 ms, got: "1s"/],
  [{ backoff: { first: '1s' } }, /backoff\.max to be a duration .*, got: undefined/],
  [{ backoff: { first: '1s', maximum: '1m' } }, /unknown option 'maximum'/],
  [{ classify: 'retry' }, /expected classify to be a function, got: "retry"/],
  [{ onMissing: 'create' }, /expected onMissing to be one of 'register', 'refuse', got: "create"/],
  [{ onDuplicate: 'ignore' }, /expected onDuplicate to be one of 'refuse', .*, 'rerun', got: "ignore"/],
  [{ maxAttemps: 3 }, /unknown option 'maxAttemps', did you mean 'maxAttempts'\?/],
  [{ onSucceeded: 'replay' }, /unknown option 'onSucceeded'/],
];

describe.each(policies)('a policy with %o is refused', (options, message) => {
  test('by @Tracked, at decoration', async () => {
    const error = await thrownBy(() => Tracked('id', { kind: 'bad', ...options }), InvalidOptionsError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('@Tracked');
  });

  test('by defineJob', async () => {
    const error = await thrownBy(() => defineJob('bad', options as object), InvalidOptionsError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('defineJob("bad")');
  });

  test('by forRoot, as the app’s defaults', async () => {
    const error = await thrownBy(() => JobTrackingModule.forRoot({ defaults: options }), InvalidOptionsError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('JobTrackingModule: defaults');
  });
});

test.each<[options: object, message: RegExp]>([
  [{ migration: 'run' }, /unknown option 'migration', did you mean 'migrations'\?/],
  [{ migrations: true }, /expected migrations to be one of 'check', 'run', got: true/],
  [{ schema: '' }, /expected schema to be a name of 1 to 63 characters, got: ""/],
  [{ schema: 5 }, /expected schema to be a name/],
  [{ contextName: 'x'.repeat(64) }, /expected contextName to be a name/],
  [{ worker: '' }, /expected worker to be a text of 1 to 200 characters, got: ""/],
  [{ grace: 'soon' }, /grace to be a duration .*, got: "soon"/],
  [{ grace: '30d' }, /expected grace to be at most 2147483647 ms, got: "30d"/],
  [{ startTimeout: -1 }, /startTimeout to be a duration .*, got: -1/],
  [{ redact: true }, /expected redact to be a function, got: true/],
  [{ limits: { data: 10 } }, /expected limits\.data to be a whole number of bytes, at least 256, got: 10/],
  [{ limits: { dta: 1_000 } }, /limits: unknown option 'dta', did you mean 'data'\?/],
  [{ limits: { output: Infinity } }, /expected limits\.output to be .*, got: Infinity/],
  [{ defaults: { after: 'x' } }, /defaults: unknown option 'after'/],
  [null as never, /expected options to be an object, got: null/],
])('forRoot refuses %o', async (options, message) => {
  const error = await thrownBy(() => JobTrackingModule.forRoot(options), InvalidOptionsError);
  expect(error.message).toMatch(message);
  expect(error.message).toMatch(/^JobTrackingModule: /);
});

test.each<[call: () => unknown, message: RegExp]>([
  [() => Tracked(''), /@Tracked: expected the id to be a name, a dotted path or a function, got: ""/],
  [() => Tracked(undefined as never), /@Tracked: expected the id to be .*, got: undefined/],
  [
    () => Tracked('id', { kind: 'k', data: 'no schema' } as never),
    /expected data to be a Standard Schema .*, got: "no schema"/,
  ],
  [() => defineJob('k', { output: {} as never }), /expected output to be a Standard Schema .*, got: an object/],
  [() => defineJob('k', { input: 1 } as never), /unknown option 'input'/],
  [() => defineJob('k', { after: [undefined as never] }), /expected after to be a kind, or an array of kinds/],
])('malformed declarations are refused where they stand (%#)', async (call, message) => {
  const error = await thrownBy(call, InvalidOptionsError);
  expect(error.message).toMatch(message);
});

test.each(['', 'x'.repeat(129), 'a\0b', '\ud800', null, 5])('a kind of the name %j is refused', async (name) => {
  for (const call of [
    () => defineJob(name as string),
    () => Tracked('id', { kind: name as string }),
    () => Consume(name as string),
  ])
    expect(await thrownBy(call, InvalidJobError)).toMatchObject({ field: 'kind' });
});

test('a property is no method', async () => {
  const decorate = () => Tracked('id', 'k')({}, 'value', { value: 5 });
  expect((await thrownBy(decorate, InvalidOptionsError)).message).toMatch(/expected value to be a method, got: 5/);
});
